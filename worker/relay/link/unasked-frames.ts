/**
 * How much a relay may send that nobody asked for: inventories, last known values, remembered writes. A healthy
 * one sends a few such frames a minute, but each may be stored. Replies are bounded by the calls. Pure: time is an
 * argument.
 */

import { RateLimit } from "#shared/access/rate-limit.ts";

/** More than any burst of changes; two seconds' worth may come at once. */
export const UNASKED_PER_S = 50;
export const UNASKED_BYTES_PER_S = 2 * 1024 * 1024;
const BURST_S = 2;

/** Inventories and last known values, each of which is written to the disk that all relays share. A relay has seven to tell. */
export const STORED_PER_MINUTE = 60;

export class UnaskedFrames {
  #frames = UNASKED_PER_S * BURST_S;
  #bytes = UNASKED_BYTES_PER_S * BURST_S;
  readonly #stored: RateLimit;
  #filledAtMs: number;

  constructor(nowMs: number) {
    this.#filledAtMs = nowMs;
    this.#stored = new RateLimit(STORED_PER_MINUTE, nowMs);
  }

  /** True: it is more than that, and the link should end. */
  isTooMuch(bytes: number, nowMs: number, isStored = false): boolean {
    if (isStored && this.#stored.take(nowMs) > 0) return true;
    const refillS = Math.max(0, nowMs - this.#filledAtMs) / 1_000;
    this.#filledAtMs = nowMs;
    this.#frames = Math.min(UNASKED_PER_S * BURST_S, this.#frames + refillS * UNASKED_PER_S) - 1;
    const most = UNASKED_BYTES_PER_S * BURST_S;
    this.#bytes = Math.min(most, this.#bytes + refillS * UNASKED_BYTES_PER_S) - bytes;
    return this.#frames < 0 || this.#bytes < 0;
  }
}
