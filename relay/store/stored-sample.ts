/** One observed value and what is known of it. */
import type { JsonValue } from "#shared/json/json.ts";
import type { TimeSource } from "#shared/link/sample.ts";

export interface Observation {
  readonly value: JsonValue;
  /** On the relay's monotonic clock. */
  readonly atMs: number;
  readonly timeSource: TimeSource;
  readonly hostTime?: string | undefined;
  /** Samples lost at the host just before this one; null if it can't show them. */
  readonly missed: number | null;
}

export interface StoredSample extends Observation {
  readonly sequence: number;
  readonly epoch: string;
  readonly bytes: number;
}

export interface Place {
  readonly atMs: number;
  readonly sequence: number;
  readonly epoch: string;
}

/** What a sample costs beside its value. */
const SAMPLE_OVERHEAD_BYTES = 160;

/**
 * Its value as text: a fraction of the memory that objects would take, and nothing for the garbage collector to walk.
 */
export class KeptSample implements StoredSample {
  readonly atMs: number;
  readonly timeSource: TimeSource;
  readonly hostTime: string | undefined;
  readonly missed: number | null;
  readonly sequence: number;
  readonly epoch: string;
  /** The value's length on the link, escapes and long decimals included: a reader's bound must hold there. */
  readonly valueBytes: number;
  readonly #text: string;

  constructor({ value, timeSource, hostTime, missed }: Observation, place: Place) {
    this.#text = JSON.stringify(value);
    this.valueBytes = Buffer.byteLength(this.#text);
    this.atMs = place.atMs;
    this.timeSource = timeSource;
    this.hostTime = hostTime;
    this.missed = missed;
    this.sequence = place.sequence;
    this.epoch = place.epoch;
  }

  /** Parsed anew each time. */
  get value(): JsonValue {
    return JSON.parse(this.#text);
  }

  get bytes(): number {
    return this.valueBytes + SAMPLE_OVERHEAD_BYTES;
  }
}
