/** A record's value with its time, as a model sees it. */
import type { RecordReading } from "../../fleet/fleet.ts";
import type { JsonObject } from "../../json/json.ts";
import { byteLength, fittingValue } from "./fit.ts";
import { presentable, presentableText } from "./presentable.ts";
import { presentableKey } from "../asking/record-name.ts";

export interface ReadingShape {
  readonly maxBytes: number;
  /** What to do about a value that was cut; the whole reading takes `readingBytes`. */
  readonly adviceFor: (readingBytes: number) => string;
}

export function shownReading(
  { recordKey, sample, staleSince }: RecordReading,
  { maxBytes, adviceFor }: ReadingShape,
): JsonObject {
  const about = {
    timestamp: presentableText(sample.timestamp),
    timestamp_source: sample.timeSource,
    age_ms: Math.round(sample.ageMs),
    stale: staleSince !== undefined,
    ...(staleSince === undefined ? {} : { offline_since: presentableText(staleSince) }),
    sequence: sample.sequence,
    epoch: presentableText(sample.epoch),
  };
  const record_name = presentableKey(recordKey);
  const besideBytes = byteLength({ record_name, value: 0, ...about });
  const value = fittingValue(presentable(sample.value), maxBytes - besideBytes, (bytes) =>
    adviceFor(bytes + besideBytes),
  );
  return { record_name, ...value, ...about };
}
