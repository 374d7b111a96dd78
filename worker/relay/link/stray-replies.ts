/** Replies that match nothing. Pure: time is an argument. */

/** In a minute, before a relay is taken for broken or hostile. */
const MAX_PER_MINUTE = 100;

export class StrayReplies {
  #minute = 0;
  #count = 0;

  /** Counts one more. True: that is too many. */
  isTooMany(nowMs: number): boolean {
    const minute = Math.floor(nowMs / 60_000);
    this.#count = this.#minute === minute ? this.#count + 1 : 1;
    this.#minute = minute;
    return this.#count > MAX_PER_MINUTE;
  }
}
