/**
 * Numbers as the device meant them. Hosts widen f32 fields to f64 on some paths (21.7 arrives as 21.700000762939453),
 * so the same sample can print differently depending on its path.
 */
import { isJsonObject, type JsonValue } from "./json.ts";

/** A decimal with more digits than f32 ever needs. */
const LONG_DECIMAL_DIGITS = 9;

/** The shortest decimal of the f32 that `value` is; `value` itself if it is not one. */
export function shortestF32(value: number): number {
  if (Number.isInteger(value) || Math.fround(value) !== value) return value;
  const digits = String(value).replaceAll(/[^0-9]|e.*$/g, "").length;
  return digits <= LONG_DECIMAL_DIGITS ? value : shortestDecimal(value);
}

/** `value` is an f32. */
function shortestDecimal(value: number): number {
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
  return sameBut(a, b, isOneF32);
}

/** True if a host that was given `written` and reads back `echo` took it as it is, but for its f32. */
export function isEchoOf(echo: JsonValue, written: JsonValue): boolean {
  return sameBut(
    echo,
    written,
    (e, w) => isOneF32(e, w) || (!Number.isInteger(w) && roundsTo(w, e)),
  );
}

/**
 * Both must be ways to print an f32: numbers that an f32 merely can't tell apart, as times and
 * counts are, differ.
 */
function isOneF32(a: number, b: number): boolean {
  return roundsTo(a, b) && roundsTo(b, a);
}

/** True if `printed` is how the f32 nearest to `value` is printed, in full or at its shortest. */
function roundsTo(value: number, printed: number): boolean {
  const f32 = Math.fround(value);
  return printed === f32 || (Math.fround(printed) === f32 && printed === shortestDecimal(f32));
}

function sameBut(
  a: JsonValue,
  b: JsonValue,
  isSameNumber: (a: number, b: number) => boolean,
): boolean {
  if (typeof a === "number" && typeof b === "number") return a === b || isSameNumber(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => sameBut(item, b[i] ?? null, isSameNumber));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) => Object.hasOwn(b, key) && sameBut(a[key] ?? null, b[key] ?? null, isSameNumber),
    )
  );
}
