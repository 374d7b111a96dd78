/**
 * What was observed: per record the latest sample and a bounded recent history, read by cursor or by time. Pure. One
 * byte budget for the whole process; when it is used up, the record that holds most drops its oldest sample.
 */
import { eachReasonOnce } from "#shared/link/gaps.ts";
import type { Cursor, Gap } from "#shared/link/methods/samples-read.ts";
import { LargestFirst } from "./largest-first.ts";
import { gapsBefore, RecordHistory } from "./record-history.ts";
import { KeptSample, type Observation, type StoredSample } from "./stored-sample.ts";

export const STORE_LIMIT_BYTES = 8 * 1024 * 1024;

/** A larger value is counted but not kept; a get of the record then reads it from the host. */
export const MAX_SAMPLE_BYTES = 64 * 1024;

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

/** On the relay's monotonic clock, both ends included. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface KeptSpan {
  /** Oldest first. */
  readonly samples: readonly StoredSample[];
  /** Every hole within the span, each reason once. */
  readonly gaps: readonly Gap[];
  readonly oldest: StoredSample | undefined;
}

interface PassingOver {
  readonly keptBytes: number;
  readonly reason: Gap["reason"];
  /** Samples observed later are not looked at. */
  readonly untilMs?: number | undefined;
}

export class SampleStore {
  readonly limitBytes: number;
  /** Differs at every start of the relay: a cursor of the previous process is recognized by it. */
  readonly #processEpoch: string;
  readonly #records = new Map<string, RecordHistory>();
  readonly #largestFirst = new LargestFirst<RecordHistory>(weightOf);
  #bytes = 0;
  #shedCount = 0;
  /** How often records were forgotten, and the highest number among them: no cursor is ahead of what comes later. */
  #forgotten = { times: 0, sequence: 0 };

  constructor(options: { limitBytes: number; processEpoch: string }) {
    this.limitBytes = options.limitBytes;
    this.#processEpoch = options.processEpoch;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Samples that were dropped for newer ones since the relay started. */
  get shedCount(): number {
    return this.#shedCount;
  }

  push(record: string, observation: Observation): void {
    const history = this.#history(record);
    history.sequence += 1 + (observation.missed ?? 0);
    const { sequence, epoch } = history;
    // A host's time may be set back; searching by time needs them in order.
    const atMs = Math.max(observation.atMs, history.newest?.atMs ?? observation.atMs);
    const sample = new KeptSample(observation, { atMs, sequence, epoch });
    if (sample.valueBytes > MAX_SAMPLE_BYTES) return;
    history.add(sample);
    this.#bytes += sample.bytes;
    this.#largestFirst.update(history);
    this.#shed();
  }

  /** All records whose names begin so. Whoever has read one finds a gap there. */
  forget(prefix: string): void {
    const histories = [...this.#records].filter(([record]) => record.startsWith(prefix));
    for (const [record, history] of histories) {
      this.#records.delete(record);
      this.#bytes -= history.bytes;
      if (history.count > 0) this.#largestFirst.remove(history);
    }
    const sequences = histories.map(([, { sequence }]) => sequence);
    this.#forgotten = {
      times: this.#forgotten.times + 1,
      sequence: Math.max(this.#forgotten.sequence, ...sequences),
    };
  }

  /** From here on an unknown number of samples may be missing: the host went away. */
  interrupt(record: string, atMs: number): void {
    this.#records.get(record)?.interrupt(atMs);
  }

  /** Undefined also if the newest sample was too large to keep. */
  latest(record: string): StoredSample | undefined {
    const history = this.#records.get(record);
    const last = history?.newest;
    return last?.sequence === history?.sequence ? last : undefined;
  }

  /** The latest, if nothing has interrupted its record since: what the host holds, as far as it has shown. */
  present(record: string): StoredSample | undefined {
    const latest = this.latest(record);
    return latest?.epoch === this.#records.get(record)?.epoch ? latest : undefined;
  }

  /** The start for a reader that wants only what comes from now on. */
  cursor(record: string): Cursor {
    const { epoch, sequence } = this.#history(record);
    return { epoch, sequence };
  }

  /** The start for a reader that wants everything kept. */
  oldestCursor(record: string): Cursor {
    const oldest = this.#records.get(record)?.oldest;
    if (oldest === undefined) return this.cursor(record);
    return { epoch: oldest.epoch, sequence: oldest.sequence - 1 };
  }

  /** What came after `after`, oldest first. */
  read(record: string, after: Cursor, bounds: ReadBounds): Reading {
    const { cursor: behind, gaps } = this.#start(after);

    const samples: StoredSample[] = [];
    let bytes = 0;
    let cursor: Cursor = behind;
    // One more than is given tells that there is more; a record may have tens of thousands.
    const wanted = this.#history(record).between(
      ({ sequence }) => sequence > behind.sequence,
      ({ atMs }) => atMs > bounds.untilMs,
      bounds.maxSamples + 1,
    );
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

  /** How many bytes came after `after`. */
  bytesBehind(record: string, after: Cursor): number {
    const { cursor } = this.#start(after);
    return this.#behind(record, cursor).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Passes over what came after `after` except the newest, one at least: returns where to continue, and what is then
   * missing.
   */
  passOver(
    record: string,
    after: Cursor,
    { keptBytes, reason, untilMs = Number.POSITIVE_INFINITY }: PassingOver,
  ): { readonly cursor: Cursor; readonly gaps: readonly Gap[] } {
    const { cursor: start, gaps } = this.#start(after);
    const samples = this.#behind(record, start).filter(({ atMs }) => atMs <= untilMs);
    let bytes = 0;
    const kept = samples.toReversed().findIndex((sample) => (bytes += sample.bytes) > keptBytes);
    let cursor = start;
    for (const sample of kept === -1 ? [] : samples.slice(0, samples.length - Math.max(1, kept))) {
      gaps.push(...gapsBefore(sample, cursor), { reason, missed: 1 });
      cursor = { epoch: sample.epoch, sequence: sample.sequence };
    }
    return { cursor, gaps: eachReasonOnce(gaps) };
  }

  #behind(record: string, { sequence: last }: Cursor): StoredSample[] {
    return this.#history(record).from(({ sequence }) => sequence > last);
  }

  #start(after: Cursor): { readonly cursor: Cursor; readonly gaps: Gap[] } {
    if (after.epoch.startsWith(`${this.#processEpoch}.`)) return { cursor: after, gaps: [] };
    const cursor = { epoch: `${this.#processEpoch}.0`, sequence: 0 };
    return { cursor, gaps: [{ reason: "relay_restarted", missed: null }] };
  }

  /** What was observed in a span of time, as far as it is kept. */
  span(record: string, { fromMs, toMs }: TimeSpan): KeptSpan {
    const history = this.#records.get(record);
    if (history === undefined) return { samples: [], gaps: [], oldest: undefined };
    const samples = history.between(
      ({ atMs }) => atMs >= fromMs,
      ({ atMs }) => atMs > toMs,
    );
    let before: Cursor | undefined = history.lastBefore(({ atMs }) => atMs >= fromMs);
    const gaps: Gap[] = [];
    for (const sample of samples) {
      if (before !== undefined) gaps.push(...gapsBefore(sample, before));
      before = sample;
    }
    if (before !== undefined) gaps.push(...gapsBehind(before, history, { fromMs, toMs }));
    return { samples, gaps: eachReasonOnce(gaps), oldest: history.oldest };
  }

  /** All that is kept of a record, oldest first. */
  kept(record: string): readonly StoredSample[] {
    return this.#records.get(record)?.from(() => true) ?? [];
  }

  usage(record: string): { readonly count: number; readonly bytes: number } {
    const { count = 0, bytes = 0 } = this.#records.get(record) ?? {};
    return { count, bytes };
  }

  /**
   * Mean time between samples of the newest epoch, counting in those that were lost or not kept; null with fewer than
   * three. Nobody knows when the first one was produced, if it was there before us.
   */
  meanIntervalMs(record: string): number | null {
    const history = this.#records.get(record);
    const newest = history?.newest;
    if (history === undefined || newest === undefined) return null;
    const [first, second, third] = history.from(
      ({ epoch, timeSource }) => epoch === newest.epoch && timeSource !== "first_seen",
      3,
    );
    if (first === undefined || second === undefined || third === undefined) return null;
    return (newest.atMs - first.atMs) / (newest.sequence - first.sequence);
  }

  #history(record: string): RecordHistory {
    const existing = this.#records.get(record);
    if (existing !== undefined) return existing;
    const { times, sequence } = this.#forgotten;
    const epoch = times === 0 ? this.#processEpoch : `${this.#processEpoch}.${times}`;
    const history = new RecordHistory(epoch, sequence);
    this.#records.set(record, history);
    return history;
  }

  #shed(): void {
    while (this.#bytes > this.limitBytes) {
      const { largest } = this.#largestFirst;
      if (largest === undefined) return;
      this.#bytes -= largest.drop();
      this.#shedCount += 1;
      if (largest.count === 0) this.#largestFirst.remove(largest);
      else this.#largestFirst.update(largest);
    }
  }
}

const ABOVE_ANY_BYTES = 2 ** 40;

/**
 * A record's latest sample is what `record.get` answers, so it goes only if nothing else is left to drop: a gateway
 * with very many records or very large values.
 */
function weightOf({ count, bytes }: RecordHistory): number {
  return count > 1 ? ABOVE_ANY_BYTES + bytes : bytes;
}

/** What is missing between the last sample of a span and the span's end. */
function gapsBehind(last: Cursor, history: RecordHistory, { fromMs, toMs }: TimeSpan): Gap[] {
  const { newest, interruptedAtMs } = history;
  const isNewest = newest !== undefined && newest.sequence === last.sequence;
  if (!isNewest) return [];
  if (last.epoch !== history.epoch) {
    const isWithin = fromMs <= interruptedAtMs && interruptedAtMs <= toMs;
    return isWithin ? [{ reason: "host_reconnected", missed: null }] : [];
  }
  const missed = history.sequence - last.sequence;
  return missed > 0 ? [{ reason: "not_kept", missed }] : [];
}
