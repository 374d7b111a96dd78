/** Time, which everything here takes as an argument. */

export interface Clock {
  /** Never steps; the only clock that durations are measured with. Milliseconds from any origin. */
  monotonicMs(): number;
  /** May be wrong by years on a gateway. Only for times that leave the device. */
  wallMs(): number;
  /** Calls back once, never early; the returned function cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, callback) => {
    const dueMs = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    // Node counts from when its turn began, and in whole milliseconds.
    const arm = () => {
      timer = setTimeout(
        () => (performance.now() < dueMs ? arm() : callback()),
        Math.ceil(dueMs - performance.now()),
      );
    };
    arm();
    return () => clearTimeout(timer);
  },
};
