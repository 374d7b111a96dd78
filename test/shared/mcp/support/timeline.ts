/** What a record's samples are over time, on a clock that only waiting moves. */
import type { HistoryQuery, Latest, TimedBucket, TimedSample } from "#shared/fleet/fleet.ts";
import type { JsonValue } from "#shared/json/json.ts";
import { numericFields } from "#shared/json/fields.ts";

export interface TimelinePoint {
  /** Unix milliseconds; those ahead of the clock are yet to come. */
  readonly atMs: number;
  readonly value: JsonValue;
}

export const EPOCH = "abcdefgh.0";

/** Those observed until then, the first of them the record's first sample. */
export function samplesUntil(
  points: readonly TimelinePoint[],
  untilMs: number,
  nowMs: number,
): TimedSample[] {
  return points
    .map(({ atMs, value }, i): TimedSample & { atMs: number } => ({
      value,
      timestamp: new Date(atMs).toISOString(),
      timeSource: "observed",
      ageMs: nowMs - atMs,
      sequence: i + 1,
      epoch: EPOCH,
      atMs,
    }))
    .filter(({ atMs }) => atMs <= untilMs)
    .map(({ atMs: _at, ...sample }) => sample);
}

export function livenessOf(
  points: readonly TimelinePoint[],
  nowMs: number,
): { latest: Latest | null; mean_interval_ms: number | null } {
  const past = points.filter(({ atMs }) => atMs <= nowMs);
  const [first, last] = [past[0], past.at(-1)];
  if (first === undefined || last === undefined) return { latest: null, mean_interval_ms: null };
  return {
    latest: {
      timestamp: new Date(last.atMs).toISOString(),
      timeSource: "observed",
      ageMs: nowMs - last.atMs,
      sequence: past.length,
    },
    mean_interval_ms: past.length < 3 ? null : (last.atMs - first.atMs) / (past.length - 1),
  };
}

export function samplesInSpan(
  samples: readonly TimedSample[],
  { fromAgeMs = Infinity, toAgeMs = 0 }: HistoryQuery,
): TimedSample[] {
  return samples.filter(({ ageMs }) => ageMs <= fromAgeMs && ageMs >= toAgeMs);
}

export function bucketsOf(samples: readonly TimedSample[], bucketMs: number): TimedBucket[] {
  const groups = new Map<number, TimedSample[]>();
  for (const sample of samples) {
    const start = Math.floor(Date.parse(sample.timestamp) / bucketMs) * bucketMs;
    groups.set(start, [...(groups.get(start) ?? []), sample]);
  }
  return Array.from(groups, ([start, group]) => ({
    timestamp: new Date(start).toISOString(),
    count: group.length,
    fields: fieldsOf(group),
  }));
}

function fieldsOf(samples: readonly TimedSample[]): TimedBucket["fields"] {
  const values = new Map<string, number[]>();
  for (const { value } of samples) {
    for (const [path, number] of numericFields(value)) {
      values.set(path, [...(values.get(path) ?? []), number]);
    }
  }
  return Object.fromEntries(
    Array.from(values, ([path, numbers]) => [
      path,
      {
        min: Math.min(...numbers),
        max: Math.max(...numbers),
        mean: numbers.reduce((sum, number) => sum + number, 0) / numbers.length,
        last: numbers.at(-1) ?? 0,
      },
    ]),
  );
}

/** As a fleet has to: no more than asked for, and one at least. */
export function fitting(samples: readonly TimedSample[], maxBytes: number): TimedSample[] {
  let bytes = 0;
  const end = samples.findIndex((sample, i) => {
    bytes += Buffer.byteLength(JSON.stringify(sample)) + 30;
    return i > 0 && bytes > maxBytes;
  });
  return samples.slice(0, end === -1 ? samples.length : end);
}
