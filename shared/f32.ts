/**
 * Numbers as the device meant them. Hosts widen f32 fields to f64 on some paths (21.7 arrives as
 * 21.69999885559082), so the same sample can print differently by the way it came.
 */
import { isJsonObject, type JsonValue } from "./json.ts";

/** A decimal with more digits than f32 ever needs. */
const LONG_DECIMAL_DIGITS = 9;

/** The shortest decimal of the f32 that `value` is; `value` itself where it is none. */
export function shortestF32(value: number): number {
  if (Number.isInteger(value) || Math.fround(value) !== value) return value;
  const digits = String(value).replaceAll(/[^0-9]|e.*$/g, "").length;
  if (digits <= LONG_DECIMAL_DIGITS) return value;
  for (let precision = 1; precision <= LONG_DECIMAL_DIGITS; precision += 1) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** Applies `shortestF32` to every number in a value. */
export function withShortestF32(value: JsonValue): JsonValue {
  if (typeof value === "number") return shortestF32(value);
  if (Array.isArray(value)) return value.map(withShortestF32);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item = null]) => [key, withShortestF32(item)]),
  );
}

/** True if two readings can be one sample: equal but for f32 widening and the order of fields. */
export function sameReading(a: JsonValue, b: JsonValue): boolean {
  if (typeof a === "number" && typeof b === "number") {
    return a === b || Math.fround(a) === Math.fround(b);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => sameReading(item, b[i] ?? null));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameReading(a[key] ?? null, b[key] ?? null))
  );
}
