/** JSON values, and reading JSON text without changing the integers in it. */
import * as z from "zod/mini";

export type JsonValue = null | boolean | number | string | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
/** `undefined` as JSON.stringify takes it: the field is left out. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** For `parseJson`'s results: they are JSON already, so only absence can be wrong. */
export const jsonValueSchema = z.custom<JsonValue>((value) => value !== undefined);

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What hosts nest at most (serde_json). JSON.stringify overflows the stack at some thousands. */
export const MAX_JSON_DEPTH = 128;

/**
 * Parses JSON text. An integer literal outside ±(2^53 − 1) becomes a string with its exact digits:
 * hosts send u64 nanosecond times, which a double would silently round. Throws `SyntaxError`, also
 * for what is nested deeper than MAX_JSON_DEPTH.
 */
export function parseJson(text: string): JsonValue {
  // V8's parser does not recurse, so depth is checked in its result, in far fewer steps than there are characters.
  const value: JsonValue = JSON.parse(text);
  return hasUnsafeNumber(value, MAX_JSON_DEPTH) ? JSON.parse(quoteUnsafeIntegers(text)) : value;
}

/** A literal outside ±(2^53 − 1) is a double outside them too, however it was rounded. */
function hasUnsafeNumber(value: JsonValue | undefined, levels: number): boolean {
  if (typeof value === "number") return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) throw new SyntaxError(`JSON nested deeper than ${MAX_JSON_DEPTH} levels`);
  let isUnsafe = false;
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    // All of it, for its depth.
    if (hasUnsafeNumber(part, levels - 1)) isUnsafe = true;
  }
  return isUnsafe;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;

function quoteUnsafeIntegers(text: string): string {
  let out = "";
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    NUMBER.lastIndex = at;
    const number = char === 0x2d || (char >= 0x30 && char <= 0x39) ? NUMBER.exec(text) : null;
    if (number === null) {
      at += 1;
      continue;
    }
    const [literal, fraction, exponent] = number;
    if (
      fraction === undefined &&
      exponent === undefined &&
      !Number.isSafeInteger(Number(literal))
    ) {
      out += `${text.slice(copied, at)}"${literal}"`;
      copied = at + literal.length;
    }
    at += literal.length;
  }
  return out + text.slice(copied);
}

/** The index just after the string that opens at `at`; the text's end if it never closes. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text.charCodeAt(end) !== QUOTE) {
    end += text.charCodeAt(end) === BACKSLASH ? 2 : 1;
  }
  return end + 1;
}

/** The same text for the same value, whatever order its fields are in. */
export function canonicalJson(value: JsonValue | undefined): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    isJsonObject(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
