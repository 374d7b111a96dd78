/** The type of a record's value: what a host's decoder accepts, and both ways it is printed. */

import { err, ok } from "#shared/result.ts";
import type { Result } from "#shared/result.ts";
import { f32Text, listText, objectText, sortedText } from "./text.ts";
import { isList, isObject, objectOf } from "./value.ts";
import type { Value } from "./value.ts";

export type Shape =
  | "string"
  | "bool"
  | "u32"
  | "u64"
  | "i64"
  | "f32"
  | "f64"
  /** Any JSON. */
  | "json"
  | { readonly option: Shape }
  | { readonly list: Shape }
  /** The fields in the order the type declares them. */
  | { readonly struct: { readonly [field: string]: Shape } };

export type Misfit = { readonly reason: "misfit" };
const MISFIT = err<Misfit>({ reason: "misfit" });

/** Hosts ignore unknown fields, refuse missing ones, and take a list for a struct's fields in order. */
export function decode(shape: Shape, value: Value): Result<Value, Misfit> {
  if (typeof shape === "string") return decodeScalar(shape, value);
  if ("option" in shape) return value === null ? ok(null) : decode(shape.option, value);
  if ("list" in shape) {
    return isList(value) ? decodeAll(value.map((item) => [shape.list, item])) : MISFIT;
  }
  return decodeStruct(Object.entries(shape.struct), value);
}

/** The text of a value in its type's own field order, with f32 as such: state reads and events. */
export function declaredText(shape: Shape, value: Value): string {
  if (shape === "f32" && typeof value === "number") return f32Text(value);
  if (typeof shape === "string" || value === null) return sortedText(value);
  if ("option" in shape) return declaredText(shape.option, value);
  if ("list" in shape) {
    return isList(value) ? listText(value.map((item) => declaredText(shape.list, item))) : "null";
  }
  const members = isObject(value) ? value : {};
  return objectText(
    Object.entries(shape.struct).map(([field, inner]) => [
      field,
      declaredText(inner, members[field] ?? null),
    ]),
  );
}

type ScalarShape = Extract<Shape, string>;

const FITS = {
  json: () => true,
  string: (value) => typeof value === "string",
  bool: (value) => typeof value === "boolean",
  u32: (value) => isWithin(value, 0n, 2n ** 32n),
  u64: (value) => isWithin(value, 0n, 2n ** 64n),
  i64: (value) => isWithin(value, -(2n ** 63n), 2n ** 63n),
  f32: isNumeric,
  f64: isNumeric,
} satisfies Record<ScalarShape, (value: Value) => boolean>;

function decodeScalar(shape: ScalarShape, value: Value): Result<Value, Misfit> {
  if (!FITS[shape](value)) return MISFIT;
  if (shape === "f32") return ok(Math.fround(Number(value)));
  return ok(shape === "f64" ? Number(value) : value);
}

function isWithin(value: Value, from: bigint, below: bigint): boolean {
  return typeof value === "bigint" && value >= from && value < below;
}

function isNumeric(value: Value): boolean {
  return typeof value === "bigint" || typeof value === "number";
}

function decodeStruct(
  fields: readonly (readonly [string, Shape])[],
  value: Value,
): Result<Value, Misfit> {
  let inner: Result<readonly Value[], Misfit> = MISFIT;
  if (isList(value) && value.length === fields.length) {
    inner = decodeAll(fields.map(([, shape], index) => [shape, value[index]]));
  } else if (isObject(value)) {
    inner = decodeAll(fields.map(([field, shape]) => [shape, value[field]]));
  }
  if (!inner.ok) return inner;
  const decoded = inner.value;
  return ok(objectOf(fields.map(([field], index) => [field, decoded[index] ?? null])));
}

function decodeAll(
  items: readonly (readonly [Shape, Value | undefined])[],
): Result<readonly Value[], Misfit> {
  const decoded: Value[] = [];
  for (const [shape, item] of items) {
    if (item === undefined && !isOption(shape)) return MISFIT;
    const inner = decode(shape, item ?? null);
    if (!inner.ok) return inner;
    decoded.push(inner.value);
  }
  return ok(decoded);
}

function isOption(shape: Shape): boolean {
  return typeof shape === "object" && "option" in shape;
}
