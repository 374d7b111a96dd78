/** When a relay was last heard from. Pure: times are arguments. */

export class LastHeard {
  #atMs = 0;
  /** The last heartbeat taken into account. */
  #beatMs = 0;

  /** A frame came, or the link began. */
  note(nowMs: number): void {
    this.#atMs = nowMs;
  }

  /**
   * `beatMs`: time of the last heartbeat, 0 if there was none. A time in the future is from before the clock was
   * set back, and counts as now.
   */
  atMs(beatMs: number, nowMs: number): number {
    const isNews = beatMs !== this.#beatMs;
    this.#beatMs = beatMs;
    this.#atMs = Math.min(isNews ? Math.max(this.#atMs, beatMs) : this.#atMs, nowMs);
    return this.#atMs;
  }
}
