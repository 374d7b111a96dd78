/** The samples kept of one record, oldest first, and where its counting stands. */
import type { Cursor, Gap } from "#shared/link/methods/samples-read.ts";
import type { Ranked } from "./largest-first.ts";
import type { StoredSample } from "./stored-sample.ts";

/** With fewer given samples than this it costs less to keep their places than to move the rest. */
const MIN_DROPPED = 64;

export class RecordHistory implements Ranked {
  rankIndex = -1;
  bytes = 0;
  sequence: number;
  /** Changes with each interruption; one text for all samples of an epoch. */
  epoch: string;
  /** On the relay's monotonic clock. */
  interruptedAtMs = Number.NEGATIVE_INFINITY;
  readonly #processEpoch: string;
  #interruptions = 0;
  readonly #samples: (StoredSample | undefined)[] = [];
  /** How many at the start were given away: moving all others for each would cost their square. */
  #dropped = 0;

  /** Counts on from `sequence`. */
  constructor(processEpoch: string, sequence = 0) {
    this.#processEpoch = processEpoch;
    this.epoch = `${processEpoch}.0`;
    this.sequence = sequence;
  }

  get count(): number {
    return this.#samples.length - this.#dropped;
  }

  get oldest(): StoredSample | undefined {
    return this.#samples[this.#dropped];
  }

  get newest(): StoredSample | undefined {
    return this.#samples.at(-1);
  }

  add(sample: StoredSample): void {
    this.#samples.push(sample);
    this.bytes += sample.bytes;
  }

  /** Drops the oldest; returns its bytes. */
  drop(): number {
    const sample = this.oldest;
    if (sample === undefined) return 0;
    this.#samples[this.#dropped] = undefined;
    this.#dropped += 1;
    this.bytes -= sample.bytes;
    if (this.#dropped >= MIN_DROPPED && this.#dropped * 2 >= this.#samples.length) {
      this.#samples.splice(0, this.#dropped);
      this.#dropped = 0;
    }
    return sample.bytes;
  }

  interrupt(atMs: number): void {
    this.#interruptions += 1;
    this.epoch = `${this.#processEpoch}.${this.#interruptions}`;
    this.interruptedAtMs = atMs;
  }

  /** Samples from the first for which `isFirst` is true, as it is for all after it; the oldest `max`. */
  from(isFirst: (sample: StoredSample) => boolean, max = Number.POSITIVE_INFINITY): StoredSample[] {
    return this.between(isFirst, () => false, max);
  }

  /** The same, up to the last before `isBehind` is true; the oldest `max`. */
  between(
    isFirst: (sample: StoredSample) => boolean,
    isBehind: (sample: StoredSample) => boolean,
    max = Number.POSITIVE_INFINITY,
  ): StoredSample[] {
    const start = this.#firstIndex(isFirst);
    const end = Math.min(this.#firstIndex(isBehind), start + max);
    return present(this.#samples.slice(start, Math.max(start, end)));
  }

  /** The newest sample for which `isBehind` is not true. */
  lastBefore(isBehind: (sample: StoredSample) => boolean): StoredSample | undefined {
    return this.#samples[this.#firstIndex(isBehind) - 1];
  }

  /** Binary search: `is` is false for a first part of the samples and true for the rest. */
  #firstIndex(is: (sample: StoredSample) => boolean): number {
    let low = this.#dropped;
    let high = this.#samples.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const sample = this.#samples[middle];
      if (sample !== undefined && is(sample)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function present(samples: readonly (StoredSample | undefined)[]): StoredSample[] {
  return samples.filter((sample) => sample !== undefined);
}

/** Samples ascend by sequence and by time, so what lies between two of them is counted by the second. */
export function gapsBefore(sample: StoredSample, cursor: Cursor): Gap[] {
  if (sample.epoch !== cursor.epoch) return [{ reason: "host_reconnected", missed: null }];
  const hole = sample.sequence - cursor.sequence - 1;
  const atHost = Math.min(sample.missed ?? 0, hole);
  const gaps: Gap[] = [];
  if (hole > atHost) gaps.push({ reason: "not_kept", missed: hole - atHost });
  if (atHost > 0) gaps.push({ reason: "lost_at_host", missed: atHost });
  return gaps;
}
