/** When a relay was last heard from. Pure: times are arguments. */
import { HALF_OPEN_AFTER_MS } from "#shared/link/limits.ts";

export class LastHeard {
  #atMs = 0;
  /** The last heartbeat taken into account. */
  #beatMs = 0;

  /** A frame came, or the link began. */
  note(nowMs: number): void {
    this.#atMs = nowMs;
  }

  /**
   * When it was last heard from, if that is too long ago. `beatMs` tells the time of the last heartbeat, 0 if there
   * was none. It is not asked where a frame came lately, since the platform makes a `Date` for it each time. A time
   * in the future is from before the clock was set back, and counts as now.
   */
  silentSinceMs(nowMs: number, beatMs: () => number): number | undefined {
    if (nowMs >= this.#atMs && !this.#isSilent(nowMs)) return undefined;
    const lastBeatMs = beatMs();
    if (lastBeatMs !== this.#beatMs) this.#atMs = Math.max(this.#atMs, lastBeatMs);
    this.#beatMs = lastBeatMs;
    this.#atMs = Math.min(this.#atMs, nowMs);
    return this.#isSilent(nowMs) && this.#atMs > 0 ? this.#atMs : undefined;
  }

  #isSilent(nowMs: number): boolean {
    return nowMs - this.#atMs > HALF_OPEN_AFTER_MS;
  }
}
