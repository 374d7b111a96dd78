/** What the numbers in a run of samples did. */
import { shortestF32 } from "../../f32.ts";
import type { TimedSample } from "../../fleet.ts";
import type { JsonObject } from "../../json.ts";
import { fittingPrefix } from "../answers/fit.ts";
import { numericFields } from "../../numeric-fields.ts";
import { presentableText } from "../answers/presentable.ts";
import { unixTimeOf } from "../../schema/time-field.ts";

interface Point {
  readonly atMs: number;
  readonly timestamp: string;
  readonly value: number;
}

const MAX_PATH_LENGTH = 100;

/** By field; as many fields as fit. */
export function sampleStats(samples: readonly TimedSample[], maxBytes: number): JsonObject {
  const measured = [...pointsByField(samples)].filter(([path, points]) => !areTimes(path, points));
  const fields = measured.map(([path, points]) => [
    presentableText(path, MAX_PATH_LENGTH),
    statsOf(points),
  ]);
  return Object.fromEntries(fittingPrefix(fields, maxBytes, 0));
}

function pointsByField(samples: readonly TimedSample[]): Map<string, Point[]> {
  const fields = new Map<string, Point[]>();
  for (const { value, timestamp } of samples) {
    const atMs = Date.parse(timestamp);
    for (const [path, number] of numericFields(value)) {
      const points = fields.get(path) ?? [];
      points.push({ atMs, timestamp, value: shortestF32(number) });
      fields.set(path, points);
    }
  }
  return fields;
}

/** The mean of times says nothing, and their trend is the clock's. */
function areTimes(path: string, points: readonly Point[]): boolean {
  const name = path.slice(path.lastIndexOf(".") + 1);
  return points.every(({ value }) => unixTimeOf(name, value, value) !== undefined);
}

function statsOf(points: readonly Point[]): JsonObject {
  const lowest = points.reduce((best, point) => (point.value < best.value ? point : best));
  const highest = points.reduce((best, point) => (point.value > best.value ? point : best));
  const slope = slopePerMs(points);
  return {
    count: points.length,
    min: lowest.value,
    min_at: presentableText(lowest.timestamp, MAX_PATH_LENGTH),
    max: highest.value,
    max_at: presentableText(highest.timestamp, MAX_PATH_LENGTH),
    mean: rounded(meanOf(points.map(({ value }) => value)), MEAN_DIGITS),
    trend_per_minute: slope === undefined ? null : rounded(slope * 60_000, TREND_DIGITS),
  };
}

const MEAN_DIGITS = 12;
const TREND_DIGITS = 4;

function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** Divided before they are added: two large numbers have a mean, and no sum. */
function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

/** The slope of the least-squares line; undefined if there is no span of time. */
function slopePerMs(points: readonly Point[]): number | undefined {
  const meanAt = meanOf(points.map(({ atMs }) => atMs));
  const meanValue = meanOf(points.map(({ value }) => value));
  let [products, squares] = [0, 0];
  for (const { atMs, value } of points) {
    products += (atMs - meanAt) * (value - meanValue);
    squares += (atMs - meanAt) ** 2;
  }
  const slope = products / squares;
  return squares > 0 && Number.isFinite(slope) ? slope : undefined;
}
