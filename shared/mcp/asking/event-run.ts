/**
 * What came in one call on a subscription, batch after batch. With a stop condition, a fast record brings much more
 * than an answer holds: all of it is checked and counted, and the newest is kept. Pure.
 */
import type { SubscriptionBatch, TimedSample } from "../../fleet/fleet.ts";
import type { Gap } from "../../link/methods/samples-read.ts";
import type { Loss } from "../../link/sample.ts";
import { byteLength } from "../answers/fit.ts";
import { eachReasonOnce } from "../../link/gaps.ts";
import { checkCondition, fieldsInstead, type Condition } from "../findings/condition.ts";
import { SampleStats } from "../findings/sample-stats.ts";

export interface RunBounds {
  readonly condition: Condition | undefined;
  /** With a condition: this much of the newest is kept, one sample at least. */
  readonly keptBytes: number;
}

export class EventRun {
  /** Of all that came. */
  readonly stats = new SampleStats();
  readonly #bounds: RunBounds;
  #last: SubscriptionBatch;
  #samples: readonly TimedSample[] = [];
  #gaps: readonly Gap[] = [];
  #count = 0;
  #checked = 0;
  #uncheckable = 0;
  #firstChecked: TimedSample | undefined;
  #lastChecked: TimedSample | undefined;
  #stoppedBy: TimedSample | undefined;
  #lastUncheckable: TimedSample | undefined;

  constructor(first: SubscriptionBatch, bounds: RunBounds) {
    this.#bounds = bounds;
    this.#last = first;
    this.add(first);
  }

  get instance(): string {
    return this.#last.instance;
  }

  get recordKey(): string {
    return this.#last.recordKey;
  }

  get loss(): Loss {
    return this.#last.loss;
  }

  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  get next(): string {
    return this.#last.next;
  }

  /** A sample that met the condition ends the subscription. */
  get complete(): boolean {
    return this.#last.complete || this.#stoppedBy !== undefined;
  }

  /** Oldest first: all that came, or what is kept of it. */
  get samples(): readonly TimedSample[] {
    return this.#samples;
  }

  /** How many came. */
  get count(): number {
    return this.#count;
  }

  /** On how many the condition was checked, and from which to which. */
  get checked(): {
    count: number;
    first?: TimedSample | undefined;
    last?: TimedSample | undefined;
  } {
    return { count: this.#checked, first: this.#firstChecked, last: this.#lastChecked };
  }

  /** On how many it can't be checked. */
  get uncheckable(): number {
    return this.#uncheckable;
  }

  /** Samples came, and it can be checked on none: its field may be misspelt. */
  get isInVain(): boolean {
    return this.#checked === 0 && this.#uncheckable > 0;
  }

  /** What the newest of those has instead. */
  get fieldsInstead(): string[] {
    const { condition } = this.#bounds;
    const sample = this.#lastUncheckable;
    return condition === undefined || sample === undefined
      ? []
      : fieldsInstead(condition, sample.value);
  }

  /** The sample that met it. */
  get stoppedBy(): TimedSample | undefined {
    return this.#stoppedBy;
  }

  add(batch: SubscriptionBatch): void {
    const { condition, keptBytes } = this.#bounds;
    this.#last = batch;
    this.#count += batch.samples.length;
    this.#gaps = eachReasonOnce([...this.#gaps, ...batch.gaps]);
    this.stats.add(batch.samples);
    const before = condition === undefined ? this.#samples : newestOf(this.#samples, keptBytes);
    this.#samples = [...before, ...batch.samples];
    if (condition !== undefined) this.#check(condition, batch.samples);
  }

  /** Those behind the one that met it need no check. */
  #check(condition: Condition, samples: readonly TimedSample[]): void {
    for (const sample of samples) {
      const check = checkCondition(condition, sample.value);
      if (check === "absent") {
        this.#uncheckable += 1;
        this.#lastUncheckable = sample;
        continue;
      }
      this.#checked += 1;
      this.#firstChecked ??= sample;
      this.#lastChecked = sample;
      if (check === "not_met") continue;
      this.#stoppedBy = sample;
      return;
    }
  }
}

/** A sample without its value. */
export const SAMPLE_BYTES = 120;

function newestOf(samples: readonly TimedSample[], maxBytes: number): readonly TimedSample[] {
  let bytes = 0;
  const over = samples.findLastIndex(({ value }, i) => {
    bytes += byteLength(value) + SAMPLE_BYTES;
    return i < samples.length - 1 && bytes > maxBytes;
  });
  return samples.slice(over + 1);
}
