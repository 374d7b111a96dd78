/** The readers one connection drains with: opened by the first drain of a record, lost with it. */

import type { Reader, Sample } from "../database/buffer.ts";
import type { HostRecord } from "../database/record.ts";

export class DrainCursors {
  readonly #start: "current" | "next";
  readonly #readers = new Map<HostRecord, Reader>();

  constructor(start: "current" | "next") {
    this.#start = start;
  }

  /** Oldest first; what a ring has overwritten is missing without a trace. */
  drain(record: HostRecord, limit?: bigint): readonly Sample[] {
    const reader = this.#open(record);
    const samples: Sample[] = [];
    const most = limit ?? Number.POSITIVE_INFINITY;
    while (samples.length < most) {
      const taken = reader.take();
      if (taken === undefined) break;
      samples.push(taken.sample);
    }
    return samples;
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
    this.#readers.clear();
  }

  #open(record: HostRecord): Reader {
    const open = this.#readers.get(record) ?? record.buffer.open(this.#start);
    this.#readers.set(record, open);
    return open;
  }
}
