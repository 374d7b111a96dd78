/**
 * So many per minute and key, in this isolate's memory: cheap, and forgotten with the isolate. What
 * must hold for sure is counted in an object.
 */

const MINUTE_MS = 60_000;
/** Keys come from outside. With so many in one minute, all start anew. */
const MAX_KEYS = 10_000;

export class RateLimit {
  readonly #perMinute: number;
  #minute = 0;
  readonly #counts = new Map<string, number>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** 0 if it may pass, else the seconds until it may. */
  take(key: string, nowMs: number): number {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== this.#minute || this.#counts.size >= MAX_KEYS) {
      this.#minute = minute;
      this.#counts.clear();
    }
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#perMinute) return Math.ceil(((minute + 1) * MINUTE_MS - nowMs) / 1000);
    this.#counts.set(key, count + 1);
    return 0;
  }
}
