/**
 * Which member weighs most, when weights change one at a time: a binary heap that knows where each member stands. A
 * change costs the logarithm of the count, a query nothing.
 */

export interface Ranked {
  /** Its place in the heap; kept by the heap, -1 outside. */
  rankIndex: number;
}

export class LargestFirst<T extends Ranked> {
  readonly #weigh: (member: T) => number;
  readonly #heap: T[] = [];

  constructor(weigh: (member: T) => number) {
    this.#weigh = weigh;
  }

  get largest(): T | undefined {
    return this.#heap[0];
  }

  /** Call when a member's weight changed, or for a new one. */
  update(member: T): void {
    if (member.rankIndex < 0) {
      member.rankIndex = this.#heap.length;
      this.#heap.push(member);
    }
    this.#rise(member);
    this.#sink(member);
  }

  remove(member: T): void {
    const { rankIndex } = member;
    const last = this.#heap.pop();
    member.rankIndex = -1;
    if (last === undefined || last === member) return;
    this.#put(last, rankIndex);
    this.update(last);
  }

  #rise(member: T): void {
    while (member.rankIndex > 0) {
      const parent = this.#heap[(member.rankIndex - 1) >> 1];
      if (parent === undefined || this.#weigh(parent) >= this.#weigh(member)) return;
      this.#swap(parent, member);
    }
  }

  #sink(member: T): void {
    for (;;) {
      const left = this.#heap[2 * member.rankIndex + 1];
      const right = this.#heap[2 * member.rankIndex + 2];
      if (left === undefined) return;
      const child = right !== undefined && this.#weigh(right) > this.#weigh(left) ? right : left;
      if (this.#weigh(child) <= this.#weigh(member)) return;
      this.#swap(child, member);
    }
  }

  #swap(a: T, b: T): void {
    const at = a.rankIndex;
    this.#put(a, b.rankIndex);
    this.#put(b, at);
  }

  #put(member: T, rankIndex: number): void {
    this.#heap[rankIndex] = member;
    member.rankIndex = rankIndex;
  }
}
