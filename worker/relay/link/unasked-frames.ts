/**
 * How much a relay may send that nobody asked for: inventories, last known values, what it remembers. A healthy one sends
 * a few such frames a minute, but each may be stored. Replies are bounded by the calls. Pure: time is an argument.
 */

/** More than any burst of changes; two seconds' worth may come at once. */
export const UNASKED_PER_S = 50;
export const UNASKED_BYTES_PER_S = 2 * 1024 * 1024;
const BURST_S = 2;

export class UnaskedFrames {
  #frames = UNASKED_PER_S * BURST_S;
  #bytes = UNASKED_BYTES_PER_S * BURST_S;
  #filledAtMs: number;

  constructor(nowMs: number) {
    this.#filledAtMs = nowMs;
  }

  /** True: it is more than that, and the link should end. */
  isTooMuch(bytes: number, nowMs: number): boolean {
    const refillS = Math.max(0, nowMs - this.#filledAtMs) / 1_000;
    this.#filledAtMs = nowMs;
    this.#frames = Math.min(UNASKED_PER_S * BURST_S, this.#frames + refillS * UNASKED_PER_S) - 1;
    const most = UNASKED_BYTES_PER_S * BURST_S;
    this.#bytes = Math.min(most, this.#bytes + refillS * UNASKED_BYTES_PER_S) - bytes;
    return this.#frames < 0 || this.#bytes < 0;
  }
}
