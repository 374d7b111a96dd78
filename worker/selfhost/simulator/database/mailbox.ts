import type { Buffer, Counters, Reader, Sample, Taken } from "./buffer.ts";

/** One slot that readers compete for: whoever takes the value first has it. */
export class Mailbox implements Buffer {
  readonly #counters: Counters;
  #slot: Sample | undefined;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  push(sample: Sample): void {
    this.#slot = sample;
    this.#counters.produced += 1;
  }

  peek(): Sample | undefined {
    return this.#slot;
  }

  open(): Reader {
    return { take: () => this.#take(), close: () => {} };
  }

  occupancy(): number {
    return this.#slot === undefined ? 0 : 1;
  }

  #take(): Taken | undefined {
    const sample = this.#slot;
    if (sample === undefined) return undefined;
    this.#slot = undefined;
    this.#counters.consumed += 1;
    return { sample, skipped: 0 };
  }
}
