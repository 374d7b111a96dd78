/**
 * A limit per minute and key, in this isolate's memory: cheap, and forgotten with the isolate. What must hold for
 * certain is counted in an object.
 */

const MINUTE_MS = 60_000;
/** Keys come from outside. If one minute brings more, the one that asked longest ago is forgotten. */
const MAX_KEYS = 10_000;

export class MinuteLimits {
  readonly #perMinute: number;
  #minute = 0;
  /** The last to ask comes last. */
  readonly #counts = new Map<string, number>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** 0 if it may pass, otherwise the seconds until it may. */
  take(key: string, nowMs: number): number {
    const waitS = this.waitS(key, nowMs);
    const count = this.#counts.get(key) ?? 0;
    this.#counts.delete(key);
    this.#counts.set(key, waitS === 0 ? count + 1 : count);
    const [oldest = key] = this.#counts.keys();
    if (this.#counts.size > MAX_KEYS) this.#counts.delete(oldest);
    return waitS;
  }

  /** The same, and nothing is counted. */
  waitS(key: string, nowMs: number): number {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#counts.clear();
    }
    const mayPass = (this.#counts.get(key) ?? 0) < this.#perMinute;
    return mayPass ? 0 : Math.ceil(((minute + 1) * MINUTE_MS - nowMs) / 1000);
  }
}
