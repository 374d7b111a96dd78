/** Keys that were noted lately, a bounded number. */

const MAX_KEYS = 10_000;

export class RecentKeys {
  readonly #maxKeys: number;
  /** The latest last. */
  readonly #keys = new Set<string>();

  constructor(maxKeys = MAX_KEYS) {
    this.#maxKeys = maxKeys;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    const [oldest = key] = this.#keys;
    if (this.#keys.size > this.#maxKeys) this.#keys.delete(oldest);
  }

  delete(key: string): void {
    this.#keys.delete(key);
  }
}
