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

  /** 0 if that many calls may go ahead, which counts them; else the milliseconds until they may. */
  take(nowMs: number, calls = 1): number {
    const waitMs = this.waitMs(nowMs, calls);
    if (waitMs === 0) this.#level -= this.#costOf(calls);
    return waitMs;
  }

  /** The same without counting them. */
  waitMs(nowMs: number, calls = 1): number {
    const wholeMs = Math.floor(nowMs);
    // A clock that is set back takes nothing away.
    const elapsedMs = Math.max(0, wholeMs - this.#filledAtMs);
    this.#level = Math.min(this.#perMinute * CALL, this.#level + elapsedMs * this.#perMinute);
    this.#filledAtMs = wholeMs;
    const cost = this.#costOf(calls);
    return this.#level >= cost ? 0 : Math.ceil((cost - this.#level) / this.#perMinute);
  }

  /** Takes back one counted call, which counts again when it is repeated. */
  giveBack(): void {
    this.#level = Math.min(this.#perMinute * CALL, this.#level + CALL);
  }

  /** More than the bucket holds takes all of it, or it could never pass. */
  #costOf(calls: number): number {
    return Math.min(calls, this.#perMinute) * CALL;
  }
}
