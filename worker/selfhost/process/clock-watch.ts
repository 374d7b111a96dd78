/**
 * Notices when this machine's clock was set back. Time in workerd then stands still until the clock has caught up,
 * and sessions, writes and limits that depend on it would wait as long. A restarted workerd uses the clock as it
 * is.
 */

/** Less is over before it hinders anybody much. */
export const SET_BACK_MS = 5_000;
const LOOK_EVERY_MS = 1_000;

export interface WatchedClock {
  readonly wallMs: () => number;
  readonly monotonicMs: () => number;
  readonly every: (ms: number, run: () => void) => void;
}

const SYSTEM: WatchedClock = {
  wallMs: Date.now,
  monotonicMs: () => performance.now(),
  every: (ms, run) => void setInterval(run, ms).unref(),
};

export function watchClock(
  onSetBack: (ms: number) => void,
  { wallMs, monotonicMs, every }: WatchedClock = SYSTEM,
): void {
  let offsetMs = wallMs() - monotonicMs();
  every(LOOK_EVERY_MS, () => {
    const beforeMs = offsetMs;
    offsetMs = wallMs() - monotonicMs();
    if (beforeMs - offsetMs >= SET_BACK_MS) onSetBack(beforeMs - offsetMs);
  });
}
