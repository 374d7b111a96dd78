/** What the three kinds of buffer have in common. */

import type { Value } from "../json/value.ts";

/** One value as produced, with both ways a host prints it: printing once serves every reader. */
export type Sample = {
  readonly value: Value;
  readonly declared: string;
  readonly sorted: string;
};

/** `skipped` values were overwritten before this reader came to them. */
export type Taken = { readonly sample: Sample; readonly skipped: number };

export interface Reader {
  take(): Taken | undefined;
  close(): void;
}

export interface Buffer {
  push(sample: Sample): void;
  /** The value there is without reading; a ring has none. */
  peek(): Sample | undefined;
  /** `current`: what is there already counts as new to the reader (AimX v2 and v3). */
  open(start: "current" | "next"): Reader;
  /** How many values wait for a reader. */
  occupancy(): number;
}

export class Counters {
  produced = 0;
  consumed = 0;
  dropped = 0;

  reset(): void {
    this.produced = 0;
    this.consumed = 0;
    this.dropped = 0;
  }
}
