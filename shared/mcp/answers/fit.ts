/** Keeps results within their size, and says how the caller gets the rest. */
import * as z from "zod/mini";
import { MAX_POSITION_LENGTH } from "../../desk/reading-position.ts";
import type { JsonObject, JsonValue } from "../../json/json.ts";
import { utf8Length } from "../../json/utf8-length.ts";
import { DEFAULT_RESULT_BYTES, MAX_RESULT_BYTES } from "../limits.ts";
import { cutText } from "./presentable.ts";

const MIN_RESULT_BYTES = 1_000;

export const maxBytesInput = z.optional(
  z
    .number()
    .check(
      z.int(),
      z.minimum(MIN_RESULT_BYTES),
      z.maximum(MAX_RESULT_BYTES),
      z.describe(`Size, ${MIN_RESULT_BYTES} to ${MAX_RESULT_BYTES} bytes. Default 10000.`),
    ),
);

export const cursorInput = z.optional(
  z.string().check(z.regex(/^\d{1,6}$/), z.describe("next_cursor of the previous answer.")),
);

export const positionInput = z.optional(
  z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(MAX_POSITION_LENGTH),
      z.describe("next_cursor of an earlier answer: returns what came after it, again if need be."),
    ),
);

export function sizeLimit(maxBytes: number | undefined): number {
  return maxBytes ?? DEFAULT_RESULT_BYTES;
}

export function byteLength(value: JsonValue): number {
  return utf8Length(JSON.stringify(value));
}

/** The longest run from the start that fits, but at least `atLeast` items however long they are. */
export function fittingPrefix<T extends JsonValue>(
  items: readonly T[],
  maxBytes: number,
  atLeast: number,
): T[] {
  let bytes = 0;
  const end = items.findIndex((item, i) => {
    bytes += byteLength(item) + 1;
    return i >= atLeast && bytes > maxBytes;
  });
  return items.slice(0, end === -1 ? items.length : end);
}

/** Like `fittingPrefix` of what `toItem` makes; items after the last that fits are not made. */
export function fittingItems<S, T extends JsonValue>(
  sources: readonly S[],
  toItem: (source: S) => T,
  { maxBytes, atLeast }: { readonly maxBytes: number; readonly atLeast: number },
): T[] {
  const items: T[] = [];
  let bytes = 0;
  for (const source of sources) {
    const item = toItem(source);
    bytes += byteLength(item) + 1;
    if (items.length >= atLeast && bytes > maxBytes) break;
    items.push(item);
  }
  return items;
}

/** The start of a text that takes at most `maxBytes` as JSON. */
export function fittingText(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (byteLength(`${cutText(text, middle)}…`) <= maxBytes) fits = middle;
    else tooLong = middle;
  }
  return `${cutText(text, fits)}…`;
}

/** What is around the start of a value that was cut. */
const CUT_BYTES = 80;

/** `{ value }`, or the start of its JSON with what to do about the rest. */
export function fittingValue(
  value: JsonValue,
  maxBytes: number,
  adviceFor: (bytes: number) => string,
): JsonObject {
  const bytes = byteLength(value);
  if (bytes <= maxBytes) return { value };
  const advice = adviceFor(bytes);
  const startBytes = maxBytes - CUT_BYTES - byteLength(advice);
  const start_of_json = startBytes < 10 ? "" : fittingText(JSON.stringify(value), startBytes);
  return { value: null, value_truncated: { bytes, start_of_json, advice } };
}
