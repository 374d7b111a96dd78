/** JSON values, and reading JSON text without changing the integers in it. */
import * as z from "zod/mini";

export type JsonValue = null | boolean | number | string | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
/** `undefined` as JSON.stringify takes it: the field is left out. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** For what `parseJson` made: it is JSON already, so only absence can be wrong. */
export const jsonValueSchema = z.custom<JsonValue>((value) => value !== undefined);

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What hosts nest at most (serde_json). JSON.stringify overflows the stack at some thousands. */
export const MAX_JSON_DEPTH = 128;

/** Sixteen digits in a row: below that every integer is exact in a double. */
const LONG_DIGITS = /\d{16}/;

/**
 * Parses JSON text. An integer literal outside ±(2^53 − 1) becomes a string with its exact digits:
 * hosts send u64 nanosecond times, which a double would silently round. Throws `SyntaxError`, also
 * for what is nested deeper than MAX_JSON_DEPTH.
 */
export function parseJson(text: string): JsonValue {
  if (isTooDeep(text)) throw new SyntaxError(`JSON nested deeper than ${MAX_JSON_DEPTH} levels`);
  return JSON.parse(LONG_DIGITS.test(text) ? quoteUnsafeIntegers(text) : text);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** One pass over the characters; short texts can't be that deep. */
function isTooDeep(text: string): boolean {
  if (text.length <= 2 * MAX_JSON_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at) - 1;
    else if (character === 0x7b || character === 0x5b) depth += 1;
    else if (character === 0x7d || character === 0x5d) depth -= 1;
    if (depth > MAX_JSON_DEPTH) return true;
  }
  return false;
}

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

/** The index behind the string that opens at `at`; the text's end if it never closes. */
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
