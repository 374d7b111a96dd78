/** When something was heard of a relay last. Pure: times are arguments. */

export class LastHeard {
  #atMs = 0;
  /** The last heartbeat that is in it. */
  #beatMs = 0;

  /** A frame, or the link itself. */
  note(nowMs: number): void {
    this.#atMs = nowMs;
  }

  /** `beatMs`: of the last heartbeat. 0 where nothing was. What is still to come was before the clock was set back, and counts as now. */
  atMs(beatMs: number, nowMs: number): number {
    const isNews = beatMs !== this.#beatMs;
    this.#beatMs = beatMs;
    this.#atMs = Math.min(isNews ? Math.max(this.#atMs, beatMs) : this.#atMs, nowMs);
    return this.#atMs;
  }
}
