/** The numbers in a value, by their path: `celsius`, `motor.rpm`, `readings.0`; `.` is the value itself. */
import { isJsonObject, type JsonValue } from "./json.ts";

/** Larger numbers are times, in Unix milliseconds or nanoseconds: their chart is a straight line and says nothing. */
export const MAX_PLOTTED = 1e11;

/** More fields than anybody reads; deeper ones are left out. */
export const MAX_FIELDS = 50;
const MAX_DEPTH = 8;

export function numericFields(value: JsonValue): Map<string, number> {
  const found = new Map<string, number>();
  collect(value, [], found);
  return found;
}

function collect(value: JsonValue, path: readonly string[], found: Map<string, number>): void {
  if (found.size >= MAX_FIELDS || path.length > MAX_DEPTH) return;
  if (typeof value === "number") {
    found.set(path.length === 0 ? "." : path.join("."), value);
    return;
  }
  if (!Array.isArray(value) && !isJsonObject(value)) return;
  for (const [key, item = null] of Object.entries(value)) collect(item, [...path, key], found);
}
