/** What is given of a span of time, filled from the newest on: samples, or buckets of them. Pure. */
import { shortestF32 } from "#shared/json/f32.ts";
import { isJsonObject, type JsonValue } from "#shared/json/json.ts";
import { unixTimeOf } from "#shared/schema/time-field.ts";
import { printedBytes } from "../../printed-bytes.ts";
import type { ReadSample } from "./reading.ts";

export interface PointBounds {
  readonly maxPoints: number;
  readonly maxBytes: number;
}

export interface HistorySink {
  /** Call with the newest first. False: this one and all older ones are not wanted. */
  add(sample: ReadSample): boolean;
}

/** What a sample takes beside its value. */
const SAMPLE_OVERHEAD_BYTES = 160;

/** The newest samples, as many as fit, but at least one however large. */
export class NewestSamples implements HistorySink {
  readonly #bounds: PointBounds;
  readonly #newestFirst: ReadSample[] = [];
  #bytes = 0;

  constructor(bounds: PointBounds) {
    this.#bounds = bounds;
  }

  add(sample: ReadSample): boolean {
    const { maxPoints, maxBytes } = this.#bounds;
    const count = this.#newestFirst.length;
    this.#bytes += printedBytes(sample.value) + SAMPLE_OVERHEAD_BYTES;
    if (count >= maxPoints || (count > 0 && this.#bytes > maxBytes)) return false;
    this.#newestFirst.push(sample);
    return true;
  }

  oldestFirst(): ReadSample[] {
    return this.#newestFirst.toReversed();
  }
}

export interface FieldSummary {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly last: number;
}

export interface Bucket {
  readonly fromMs: number;
  readonly count: number;
  /** By path into the value; `.` is the value itself. */
  readonly fields: ReadonlyMap<string, FieldSummary>;
}

/** Numeric fields that one answer summarizes; a value with more is not a measurement. */
const MAX_FIELDS = 50;

/** Structs nest a few levels. */
const MAX_DEPTH = 8;

const BUCKET_BYTES = 60;
const FIELD_BYTES = 110;

interface OpenBucket {
  count: number;
  readonly fields: Map<string, FieldSum>;
}

interface FieldSum {
  min: number;
  max: number;
  sum: number;
  count: number;
  readonly last: number;
}

/** Buckets of one length that end where the span does; empty ones are left out. */
export class Buckets implements HistorySink {
  readonly #bounds: PointBounds;
  readonly #span: { readonly endMs: number; readonly bucketMs: number };
  /** Keyed by how many bucket lengths before the end, newest first. */
  readonly #buckets = new Map<number, OpenBucket>();
  readonly #paths = new Set<string>();
  #bytes = 0;

  constructor(span: { endMs: number; bucketMs: number }, bounds: PointBounds) {
    this.#span = span;
    this.#bounds = bounds;
  }

  add({ value, atMs }: ReadSample): boolean {
    const { endMs, bucketMs } = this.#span;
    const index = Math.max(0, Math.floor((endMs - atMs) / bucketMs));
    const bucket = this.#buckets.get(index) ?? this.#open(index);
    if (bucket === undefined) return false;
    bucket.count += 1;
    eachNumber(value, (path, number) => this.#addNumber(bucket.fields, path, number));
    return true;
  }

  oldestFirst(): Bucket[] {
    const { endMs, bucketMs } = this.#span;
    return Array.from(this.#buckets, ([index, { count, fields }]) => ({
      fromMs: endMs - (index + 1) * bucketMs,
      count,
      fields: new Map(Array.from(fields, ([path, sum]) => [path, summaryOf(sum)])),
    })).reverse();
  }

  #open(index: number): OpenBucket | undefined {
    const { maxPoints, maxBytes } = this.#bounds;
    if (this.#buckets.size >= maxPoints || this.#bytes > maxBytes) return undefined;
    const bucket: OpenBucket = { count: 0, fields: new Map() };
    this.#buckets.set(index, bucket);
    this.#bytes += BUCKET_BYTES;
    return bucket;
  }

  #addNumber(fields: Map<string, FieldSum>, path: string, number: number): void {
    const sum = fields.get(path);
    if (sum !== undefined) {
      sum.min = Math.min(sum.min, number);
      sum.max = Math.max(sum.max, number);
      sum.sum += number;
      sum.count += 1;
      return;
    }
    if (!this.#paths.has(path) && this.#paths.size >= MAX_FIELDS) return;
    this.#paths.add(path);
    this.#bytes += FIELD_BYTES + path.length;
    fields.set(path, { min: number, max: number, sum: number, count: 1, last: number });
  }
}

function summaryOf({ min, max, sum, count, last }: FieldSum): FieldSummary {
  return { min, max, mean: sum / count, last };
}

/** Leaves out times, and numbers in lists, whose positions mean nothing over time. */
function eachNumber(value: JsonValue, see: (path: string, number: number) => void): void {
  const walk = (part: JsonValue | undefined, { path, name }: Place, depth: number): void => {
    if (typeof part === "number" && unixTimeOf(name, part, part) === undefined) {
      see(path === "" ? "." : path, shortestF32(part));
    }
    if (!isJsonObject(part) || depth >= MAX_DEPTH) return;
    for (const [name, field] of Object.entries(part)) {
      walk(field, { path: path === "" ? name : `${path}.${name}`, name }, depth + 1);
    }
  };
  walk(value, { path: "", name: "" }, 0);
}

interface Place {
  readonly path: string;
  readonly name: string;
}
