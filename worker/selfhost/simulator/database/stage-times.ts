/** How long one stage of a record (its source, a tap, a transform) took, as hosts report it. */

import { objectOf } from "../json/value.ts";
import type { Value } from "../json/value.ts";

export type StageType = "source" | "tap" | "transform";

/** Taps and transforms run inside one instant of the simulated clock; this is what they report. */
export const NOMINAL_STAGE_NS = 1_000n;

export class StageTimes {
  readonly type: StageType;
  readonly #index: bigint;
  #calls = 0n;
  #total = 0n;
  #min: bigint | undefined;
  #max = 0n;

  constructor(type: StageType, index: number) {
    this.type = type;
    this.#index = BigInt(index);
  }

  record(ns: bigint): void {
    this.#calls += 1n;
    this.#total += ns;
    if (this.#min === undefined || ns < this.#min) this.#min = ns;
    if (ns > this.#max) this.#max = ns;
  }

  reset(): void {
    this.#calls = 0n;
    this.#total = 0n;
    this.#min = undefined;
    this.#max = 0n;
  }

  row(): Value {
    return objectOf([
      ["stage_type", this.type],
      ["index", this.#index],
      ["call_count", this.#calls],
      ["total_time_ns", this.#total],
      ["avg_time_ns", this.#calls === 0n ? 0n : this.#total / this.#calls],
      ["min_time_ns", this.#min ?? 0n],
      ["max_time_ns", this.#max],
    ]);
  }
}
