/** Samples as a model sees them, all of them within their size. */
import type { TimedSample } from "../../fleet/fleet.ts";
import type { JsonObject } from "../../json/json.ts";
import { byteLength, fittingValue } from "./fit.ts";
import { MAX_RESULT_BYTES } from "../limits.ts";
import { presentable, presentableText } from "./presentable.ts";

export interface Shown {
  readonly maxBytes: number;
  /** What is beside the samples when a caller follows the advice on a value that was cut. */
  readonly besideBytes: number;
  /** How to see all of a value, such as `Continue`. */
  readonly how: string;
}

/** What was read is not read again, so all are shown; values that are too long are cut. */
export function shownSamples(
  samples: readonly TimedSample[],
  { maxBytes, besideBytes, how }: Shown,
): JsonObject[] {
  const rows = samples.map((sample) => ({ ...about(sample), value: presentable(sample.value) }));
  if (byteLength(rows) <= maxBytes) return rows;
  const share = Math.floor(maxBytes / rows.length);
  const adviceFor = (bytes: number) =>
    bytes + besideBytes * 2 <= MAX_RESULT_BYTES
      ? `${how} with max_bytes ${bytes + besideBytes * 2}.`
      : "It is longer than any answer may be.";
  return rows.map(({ value, ...row }) => ({
    ...row,
    ...fittingValue(value, share - byteLength({ ...row, value: 0 }) - 1, adviceFor),
  }));
}

/** The newest that fit, oldest first; a caller can ask for the others. */
export function newestFitting(samples: readonly TimedSample[], maxBytes: number): JsonObject[] {
  const rows: JsonObject[] = [];
  let bytes = 0;
  for (const sample of samples.toReversed()) {
    const row = { ...about(sample), value: presentable(sample.value) };
    bytes += byteLength(row) + 1;
    if (bytes > maxBytes) break;
    rows.unshift(row);
  }
  return rows;
}

function about({ sequence, timestamp, timeSource }: TimedSample): JsonObject {
  return { sequence, timestamp: presentableText(timestamp), timestamp_source: timeSource };
}
