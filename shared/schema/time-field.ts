/** Fields that hold times, by their name and by how large the numbers are. */
import { wordsOf } from "./field-unit.ts";

const TIME_WORDS: ReadonlySet<string> = new Set([
  "time",
  "timestamp",
  "ts",
  "date",
  "datetime",
  "at",
  "since",
  "until",
  "created",
  "updated",
  "modified",
]);

/** The years 2001 to 2100 in Unix seconds. */
const FIRST_S = 978_307_200;
const LAST_S = 4_102_444_800;

const SCALES = [
  { unit: "s", text: "seconds", perSecond: 1 },
  { unit: "ms", text: "milliseconds", perSecond: 1e3 },
  { unit: "µs", text: "microseconds", perSecond: 1e6 },
  { unit: "ns", text: "nanoseconds", perSecond: 1e9 },
] as const;

export interface UnixTime {
  readonly unit: string;
  /** For people: `Unix time in milliseconds`. */
  readonly text: string;
}

/**
 * What the numbers from `min` to `max` are if they are times. Seconds without a name that says so may be
 * any count; the others are larger than counts get.
 */
export function unixTimeOf(name: string, min: number, max: number): UnixTime | undefined {
  const scale = SCALES.find(
    ({ perSecond }) => min >= FIRST_S * perSecond && max <= LAST_S * perSecond,
  );
  if (scale === undefined || (scale.unit === "s" && !isTimeName(name))) return undefined;
  return { unit: scale.unit, text: `Unix time in ${scale.text}` };
}

export function isTimeName(name: string): boolean {
  return TIME_WORDS.has(wordsOf(name).at(-1) ?? "");
}

const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

export function isIsoTime(text: string): boolean {
  return ISO_8601.test(text) && !Number.isNaN(Date.parse(text));
}
