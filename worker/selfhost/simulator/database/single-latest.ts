import type { Buffer, Counters, Reader, Sample, Taken } from "./buffer.ts";

/** State: a reader sees the newest value once, whatever it missed. */
export class SingleLatest implements Buffer {
  readonly #counters: Counters;
  readonly #readers = new Set<Reader>();
  #latest: Sample | undefined;
  #version = 0;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  push(sample: Sample): void {
    this.#latest = sample;
    this.#version += 1;
    this.#counters.produced += 1;
  }

  peek(): Sample | undefined {
    return this.#latest;
  }

  open(start: "current" | "next"): Reader {
    let seen = start === "current" ? 0 : this.#version;
    const reader: Reader = {
      take: () => {
        if (this.#version === seen) return undefined;
        seen = this.#version;
        return this.#taken();
      },
      close: () => {
        this.#readers.delete(reader);
      },
    };
    this.#readers.add(reader);
    return reader;
  }

  /** Hosts count the slot as filled as soon as anybody reads it. */
  occupancy(): number {
    return this.#readers.size > 0 ? 1 : 0;
  }

  #taken(): Taken | undefined {
    if (this.#latest === undefined) return undefined;
    this.#counters.consumed += 1;
    return { sample: this.#latest, skipped: 0 };
  }
}
