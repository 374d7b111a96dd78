/** Calls per minute, as a bucket that refills evenly. Pure: time is an argument. */

const MINUTE_MS = 60_000;

/** What a call takes of the bucket; each millisecond brings `perMinute`. Whole numbers, so that no wait is too short. */
const CALL = MINUTE_MS;

export class RateLimit {
  readonly #perMinute: number;
  #level: number;
  #filledAtMs: number;

  constructor(perMinute: number, nowMs: number) {
    this.#perMinute = perMinute;
    this.#level = perMinute * CALL;
    this.#filledAtMs = Math.floor(nowMs);
  }

  /** 0 if the call may go ahead and is counted; else the milliseconds until one may. */
  take(nowMs: number): number {
    const waitMs = this.waitMs(nowMs);
    if (waitMs === 0) this.#level -= CALL;
    return waitMs;
  }

  /** The same, and nothing is counted. */
  waitMs(nowMs: number): number {
    const wholeMs = Math.floor(nowMs);
    // A clock that is set back takes nothing away.
    const elapsedMs = Math.max(0, wholeMs - this.#filledAtMs);
    this.#level = Math.min(this.#perMinute * CALL, this.#level + elapsedMs * this.#perMinute);
    this.#filledAtMs = wholeMs;
    return this.#level >= CALL ? 0 : Math.ceil((CALL - this.#level) / this.#perMinute);
  }
}
