/** Bounds on a value, a device's or a team's. */
import { shortestF32 } from "../json/f32.ts";
import { isJsonObject, type JsonValue } from "../json/json.ts";
import type { FieldLimit, FieldLimits } from "./write-rule.ts";

/** A rule as far as it bounds values. */
export interface Bounding {
  readonly fields?: FieldLimits | undefined;
}

/** The value itself, if a record is a single number or text. */
const WHOLE_VALUE = ".";

/** True if a bound compares with what the record holds, so that it must be read before the write. */
export function needsCurrentValue(rules: readonly Bounding[]): boolean {
  return rules.some(({ fields = {} }) =>
    Object.values(fields).some(({ max_change }) => max_change !== undefined),
  );
}

/** What the value breaks first, in words; undefined if it keeps every bound. */
export function brokenLimit(
  rules: readonly Bounding[],
  value: JsonValue,
  current: JsonValue | undefined,
): string | undefined {
  for (const { fields = {} } of rules) {
    for (const [path, limit] of Object.entries(fields)) {
      const before = current === undefined ? undefined : valueAt(current, path);
      const broken = breaks(limit, valueAt(value, path), before);
      if (broken !== undefined) {
        return `${path === WHOLE_VALUE ? "The value" : `"${path}"`} ${broken}.`;
      }
    }
  }
  return undefined;
}

function valueAt(value: JsonValue, path: string): JsonValue | undefined {
  if (path === WHOLE_VALUE) return value;
  let at: JsonValue | undefined = value;
  for (const name of path.split(".")) {
    at = isJsonObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return at;
}

function breaks(
  limit: FieldLimit,
  value: JsonValue | undefined,
  current: JsonValue | undefined,
): string | undefined {
  if (limit.enum !== undefined && !limit.enum.some((allowed) => allowed === value)) {
    return `must be one of ${limit.enum.map((allowed) => JSON.stringify(allowed)).join(", ")}`;
  }
  const { min, max, max_change } = limit;
  if (min === undefined && max === undefined && max_change === undefined) return undefined;
  if (!isFiniteNumber(value)) return "must be present as a number, since it is limited";
  if (min !== undefined && value < min) return `must be at least ${min}`;
  if (max !== undefined && value > max) return `must be at most ${max}`;
  return max_change === undefined ? undefined : breaksChange(max_change, value, current);
}

/** 1e400 is Infinity, which a host would be sent as null. */
function isFiniteNumber(value: JsonValue | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function breaksChange(
  maxChange: number,
  value: number,
  current: JsonValue | undefined,
): string | undefined {
  if (typeof current !== "number") {
    return `may change by at most ${maxChange}, and the record holds no number to compare with`;
  }
  const before = shortestF32(current);
  // 0.4 - 0.3 is a little more than 0.1.
  const rounding = 2 * Number.EPSILON * Math.max(Math.abs(value), Math.abs(before));
  if (Math.abs(value - before) <= maxChange + rounding) return undefined;
  return `may change by at most ${maxChange} at a time`;
}
