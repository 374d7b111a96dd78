/** The fields of a value, by their path: `celsius`, `motor.rpm`, `readings.0`; `.` is the value itself. */
import { isJsonObject, type JsonValue } from "./json.ts";

/** Larger numbers are times, in Unix milliseconds or nanoseconds: their chart is a straight line and says nothing. */
export const MAX_PLOTTED = 1e11;

/** More fields than anybody reads; deeper ones are left out. */
export const MAX_FIELDS = 50;
const MAX_DEPTH = 8;

export type Scalar = string | number | boolean | null;

export function numericFields(value: JsonValue): Map<string, number> {
  return fieldsWhere(value, (item) => typeof item === "number");
}

export function scalarFields(value: JsonValue): Map<string, Scalar> {
  return fieldsWhere(value, (item) => item === null || typeof item !== "object");
}

function fieldsWhere<T extends Scalar>(
  value: JsonValue,
  isWanted: (item: JsonValue) => item is T,
): Map<string, T> {
  const found = new Map<string, T>();
  const collect = (item: JsonValue, path: readonly string[]): void => {
    if (found.size >= MAX_FIELDS || path.length > MAX_DEPTH) return;
    if (isWanted(item)) {
      found.set(path.length === 0 ? "." : path.join("."), item);
      return;
    }
    if (!Array.isArray(item) && !isJsonObject(item)) return;
    for (const [key, inner = null] of Object.entries(item)) collect(inner, [...path, key]);
  };
  collect(value, []);
  return found;
}
