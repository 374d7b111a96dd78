/**
 * What was observed: per record the latest sample and a bounded recent history, read by cursor.
 * Pure. One byte budget for the whole process; when it is used up, the record that holds most gives
 * its oldest sample.
 */
import type { JsonValue } from "#shared/json.ts";
import type { Cursor, Gap } from "#shared/link/methods/samples-read.ts";
import type { TimeSource } from "#shared/link/sample.ts";

export const STORE_LIMIT_BYTES = 8 * 1024 * 1024;

/** A larger value is counted and not kept; asking for the record then reads it from the host. */
export const MAX_SAMPLE_BYTES = 64 * 1024;

/** What a sample costs beside its value. */
const SAMPLE_OVERHEAD_BYTES = 160;

export interface Observation {
  readonly value: JsonValue;
  /** On the relay's monotonic clock. */
  readonly atMs: number;
  readonly timeSource: TimeSource;
  readonly hostTime?: string | undefined;
  /** Samples lost at the host just before this one; null where it can't show them. */
  readonly missed: number | null;
}

export interface StoredSample extends Observation {
  readonly sequence: number;
  readonly epoch: string;
  readonly bytes: number;
}

interface RecordHistory {
  readonly samples: StoredSample[];
  bytes: number;
  sequence: number;
  /** How often an unknown number of samples was lost. */
  interruptions: number;
}

export interface ReadBounds {
  /** At least one sample is given, however large. */
  readonly maxBytes: number;
  readonly maxSamples: number;
  /** Only samples observed up to then, on the relay's monotonic clock. */
  readonly untilMs: number;
}

export interface Reading {
  readonly samples: readonly StoredSample[];
  readonly gaps: readonly Gap[];
  readonly cursor: Cursor;
  readonly more: boolean;
}

export class SampleStore {
  readonly #limitBytes: number;
  /** Differs at every start of the relay: a cursor of the process before is recognized by it. */
  readonly #processEpoch: string;
  readonly #records = new Map<string, RecordHistory>();
  #bytes = 0;
  #shedCount = 0;

  constructor(options: { limitBytes: number; processEpoch: string }) {
    this.#limitBytes = options.limitBytes;
    this.#processEpoch = options.processEpoch;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Samples that were given up for newer ones since the relay started. */
  get shedCount(): number {
    return this.#shedCount;
  }

  push(record: string, observation: Observation): void {
    const history = this.#history(record);
    history.sequence += 1 + (observation.missed ?? 0);
    // Its length on the link: a reader's bound must hold there, escapes and long decimals included.
    const size = Buffer.byteLength(JSON.stringify(observation.value));
    if (size > MAX_SAMPLE_BYTES) return;
    const sample = {
      ...observation,
      sequence: history.sequence,
      epoch: this.#epoch(history),
      bytes: size + SAMPLE_OVERHEAD_BYTES,
    };
    history.samples.push(sample);
    history.bytes += sample.bytes;
    this.#bytes += sample.bytes;
    this.#shed();
  }

  /** From here on an unknown number of samples may be missing: the host went away. */
  interrupt(record: string): void {
    const history = this.#records.get(record);
    if (history !== undefined) history.interruptions += 1;
  }

  /** Undefined also where the newest sample was too large to keep. */
  latest(record: string): StoredSample | undefined {
    const history = this.#records.get(record);
    const last = history?.samples.at(-1);
    return last?.sequence === history?.sequence ? last : undefined;
  }

  /** Where a reader starts that wants only what comes. */
  cursor(record: string): Cursor {
    const history = this.#history(record);
    return { epoch: this.#epoch(history), sequence: history.sequence };
  }

  /** What came behind `after`, oldest first. */
  read(record: string, after: Cursor, bounds: ReadBounds): Reading {
    const history = this.#history(record);
    const restarted = !after.epoch.startsWith(`${this.#processEpoch}.`);
    const behind = restarted ? { epoch: this.#firstEpoch(), sequence: 0 } : after;
    const gaps: Gap[] = restarted ? [{ reason: "relay_restarted", missed: null }] : [];

    const samples: StoredSample[] = [];
    let bytes = 0;
    let cursor: Cursor = behind;
    const wanted = samplesBehind(history.samples, behind.sequence, bounds.untilMs);
    for (const sample of wanted) {
      const isFull = samples.length > 0 && bytes + sample.bytes > bounds.maxBytes;
      if (isFull || samples.length >= bounds.maxSamples) break;
      gaps.push(...gapsBefore(sample, cursor));
      samples.push(sample);
      bytes += sample.bytes;
      cursor = { epoch: sample.epoch, sequence: sample.sequence };
    }
    return { samples, gaps, cursor, more: samples.length < wanted.length };
  }

  #history(record: string): RecordHistory {
    const existing = this.#records.get(record);
    if (existing !== undefined) return existing;
    const history: RecordHistory = { samples: [], bytes: 0, sequence: 0, interruptions: 0 };
    this.#records.set(record, history);
    return history;
  }

  #epoch({ interruptions }: RecordHistory): string {
    return `${this.#processEpoch}.${interruptions}`;
  }

  #firstEpoch(): string {
    return `${this.#processEpoch}.0`;
  }

  /** The latest sample of a record always stays: it is what `record.get` answers. */
  #shed(): void {
    while (this.#bytes > this.#limitBytes) {
      let largest: RecordHistory | undefined;
      for (const history of this.#records.values()) {
        const isLarger = largest === undefined || history.bytes > largest.bytes;
        if (history.samples.length > 1 && isLarger) largest = history;
      }
      const oldest = largest?.samples.shift();
      if (largest === undefined || oldest === undefined) return;
      largest.bytes -= oldest.bytes;
      this.#bytes -= oldest.bytes;
      this.#shedCount += 1;
    }
  }
}

/** Samples ascend by sequence and by time. */
function samplesBehind(
  samples: readonly StoredSample[],
  sequence: number,
  untilMs: number,
): readonly StoredSample[] {
  const start = firstIndex(samples, (sample) => sample.sequence > sequence);
  const end = firstIndex(samples, (sample) => sample.atMs > untilMs);
  return samples.slice(start, Math.max(start, end));
}

/** Binary search: `is` is false for a first part of the samples and true for the rest. */
function firstIndex(
  samples: readonly StoredSample[],
  is: (sample: StoredSample) => boolean,
): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const sample = samples[middle];
    if (sample !== undefined && is(sample)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function gapsBefore(sample: StoredSample, cursor: Cursor): Gap[] {
  if (sample.epoch !== cursor.epoch) return [{ reason: "host_reconnected", missed: null }];
  const hole = sample.sequence - cursor.sequence - 1;
  const atHost = Math.min(sample.missed ?? 0, hole);
  const gaps: Gap[] = [];
  if (hole > atHost) gaps.push({ reason: "not_kept", missed: hole - atHost });
  if (atHost > 0) gaps.push({ reason: "lost_at_host", missed: atHost });
  return gaps;
}
