/** Calls per minute, as a bucket that refills evenly. Pure: time is an argument. */

const MINUTE_MS = 60_000;

export class RateLimit {
  readonly #perMinute: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(perMinute: number, nowMs: number) {
    this.#perMinute = perMinute;
    this.#tokens = perMinute;
    this.#filledAtMs = nowMs;
  }

  /** 0 if the call may go ahead and is counted; else the milliseconds until one may. */
  take(nowMs: number): number {
    const waitMs = this.waitMs(nowMs);
    if (waitMs === 0) this.#tokens -= 1;
    return waitMs;
  }

  /** The same, and nothing is counted. */
  waitMs(nowMs: number): number {
    const refill = ((nowMs - this.#filledAtMs) / MINUTE_MS) * this.#perMinute;
    this.#tokens = Math.min(this.#perMinute, this.#tokens + refill);
    this.#filledAtMs = nowMs;
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * MINUTE_MS) / this.#perMinute);
  }
}
