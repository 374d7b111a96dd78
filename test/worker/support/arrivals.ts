/** What arrives, in order, to be taken with a deadline. */

const DEADLINE_MS = 3_000;

interface Wish<T> {
  readonly fits?: (item: T) => boolean;
  readonly waitMs?: number;
}

interface Waiter<T> {
  readonly fits: (item: T) => boolean;
  readonly take: (item: T) => void;
}

export class Arrivals<T> {
  readonly #untaken: T[] = [];
  readonly #waiters: Waiter<T>[] = [];

  get count(): number {
    return this.#untaken.length;
  }

  push(item: T): void {
    const waiting = this.#waiters.findIndex(({ fits }) => fits(item));
    const [waiter] = waiting === -1 ? [] : this.#waiters.splice(waiting, 1);
    if (waiter === undefined) this.#untaken.push(item);
    else waiter.take(item);
  }

  /** The first that fits, out of turn if need be. */
  next(what: string, { fits = () => true, waitMs = DEADLINE_MS }: Wish<T> = {}): Promise<T> {
    const there = this.#untaken.findIndex(fits);
    const [item] = there === -1 ? [] : this.#untaken.splice(there, 1);
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(new Error(`No ${what} came in time`));
      }, waitMs);
      const waiter: Waiter<T> = {
        fits,
        take: (item) => {
          clearTimeout(timer);
          resolve(item);
        },
      };
      this.#waiters.push(waiter);
    });
  }
}
