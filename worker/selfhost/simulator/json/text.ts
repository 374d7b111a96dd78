/**
 * JSON text as AimDB hosts write it. `JSON.stringify` can't: hosts print a whole float as `23.0`,
 * an f32 by its own shortest decimal or widened to f64, and sort keys or keep a type's order
 * depending on the path a value takes through them.
 */

import { isObject } from "./value.ts";
import type { Value } from "./value.ts";

/** Powers of ten between which a host writes a float without an exponent. */
const FIXED_F64 = { from: -5, to: 15 };
const FIXED_F32 = { from: -6, to: 12 };

/** An f32 never needs more digits. */
const F32_DIGITS = 9;

/** Keys in alphabetical order, floats as f64: what went through a host's JSON tree. */
export function sortedText(value: Value): string {
  if (isObject(value)) {
    const keys = Object.keys(value).sort();
    return objectText(keys.map((key) => [key, sortedText(value[key] ?? null)]));
  }
  if (typeof value === "object" && value !== null) return `[${value.map(sortedText).join(",")}]`;
  return scalarText(value);
}

export function objectText(members: readonly (readonly [string, string])[]): string {
  return `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(",")}}`;
}

export function listText(texts: readonly string[]): string {
  return `[${texts.join(",")}]`;
}

function scalarText(value: null | boolean | bigint | number | string): string {
  if (typeof value === "number") return floatText(value);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

export function floatText(value: number): string {
  return decimalText(value, String(value), FIXED_F64);
}

/** The shortest decimal that reads back as the same f32. */
export function f32Text(value: number): string {
  let digits = 1;
  while (digits < F32_DIGITS && Math.fround(Number(value.toPrecision(digits))) !== value) {
    digits += 1;
  }
  return decimalText(value, value.toPrecision(digits), FIXED_F32);
}

function decimalText(value: number, shortest: string, fixed: typeof FIXED_F64): string {
  if (!Number.isFinite(value)) return "null";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const decimal = Number(shortest);
  const [digits = "", exponent = ""] = decimal.toExponential().split("e");
  const power = Number(exponent);
  if (power < fixed.from || power > fixed.to) return `${digits}e${exponent}`;
  if (Number.isInteger(decimal)) return `${decimal}.0`;
  const fraction = digits.split(".")[1] ?? "";
  return decimal.toFixed(fraction.length - power);
}
