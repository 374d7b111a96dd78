/** Results within their size, and how the caller gets the rest. */
import * as z from "zod/mini";
import type { JsonObject, JsonValue } from "../json.ts";
import { DEFAULT_RESULT_BYTES, MAX_RESULT_BYTES } from "./limits.ts";

const MIN_RESULT_BYTES = 1_000;

export const maxBytesInput = z.optional(
  z
    .number()
    .check(
      z.int(),
      z.minimum(MIN_RESULT_BYTES),
      z.maximum(MAX_RESULT_BYTES),
      z.describe(
        `Size of the answer, ${MIN_RESULT_BYTES} to ${MAX_RESULT_BYTES} bytes. Default 10000.`,
      ),
    ),
);

/** What one of `count` instances may use, the rest of the answer left aside. */
export function shareOf(maxBytes: number | undefined, count: number): number {
  const RESERVED_BYTES = 600;
  return Math.max(200, Math.floor((maxBytes ?? DEFAULT_RESULT_BYTES) / count) - RESERVED_BYTES);
}

const encoder = new TextEncoder();

export function byteLength(value: JsonValue): number {
  return encoder.encode(JSON.stringify(value)).length;
}

/** The longest run from the start that fits; at least one, so that paging moves on. */
export function fittingPrefix<T extends JsonValue>(items: readonly T[], maxBytes: number): T[] {
  let bytes = 0;
  const end = items.findIndex((item, i) => {
    bytes += byteLength(item) + 1;
    return i > 0 && bytes > maxBytes;
  });
  return items.slice(0, end === -1 ? items.length : end);
}

/** A value as it is, or the start of its JSON with what to do about the rest. */
export function fittingValue(value: JsonValue, maxBytes: number): JsonObject {
  const bytes = byteLength(value);
  if (bytes <= maxBytes) return { value };
  const advice =
    bytes < MAX_RESULT_BYTES
      ? `Ask again with max_bytes ${Math.min(MAX_RESULT_BYTES, bytes + 1_000)}.`
      : "It is longer than any answer may be.";
  return {
    value: null,
    value_truncated: {
      bytes,
      start_of_json: JSON.stringify(value).slice(0, Math.floor(maxBytes / 2)),
      advice,
    },
  };
}
