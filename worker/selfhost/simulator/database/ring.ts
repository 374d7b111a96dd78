import type { Buffer, Counters, Reader, Sample, Taken } from "./buffer.ts";

/** A bounded stream: every reader has its own cursor, and the slowest lose the oldest values. */
export class Ring implements Buffer {
  readonly #slots: number;
  readonly #counters: Counters;
  readonly #samples: Sample[] = [];
  readonly #cursors = new Set<Cursor>();
  #written = 0;

  constructor(capacity: number, counters: Counters) {
    this.#slots = nextPowerOfTwo(capacity);
    this.#counters = counters;
  }

  push(sample: Sample): void {
    this.#samples[this.#written % this.#slots] = sample;
    this.#written += 1;
    this.#counters.produced += 1;
  }

  peek(): undefined {
    return undefined;
  }

  /** A ring keeps nothing for those who come later. */
  open(): Reader {
    const cursor: Cursor = { next: this.#written };
    this.#cursors.add(cursor);
    return {
      take: () => this.#take(cursor),
      close: () => {
        this.#cursors.delete(cursor);
      },
    };
  }

  occupancy(): number {
    let unread = 0;
    for (const { next } of this.#cursors) unread = Math.max(unread, this.#written - next);
    return Math.min(unread, this.#slots);
  }

  #take(cursor: Cursor): Taken | undefined {
    const skipped = Math.max(0, this.#written - this.#slots - cursor.next);
    cursor.next += skipped;
    this.#counters.dropped += skipped;
    const sample = this.#samples[cursor.next % this.#slots];
    if (cursor.next === this.#written || sample === undefined) return undefined;
    cursor.next += 1;
    this.#counters.consumed += 1;
    return { sample, skipped };
  }
}

type Cursor = { next: number };

/** Hosts round a ring's capacity up, so a drain may answer more values than it is said to hold. */
function nextPowerOfTwo(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(capacity));
}
