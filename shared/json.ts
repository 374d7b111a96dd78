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

/** Sixteen digits in a row: below that every integer is exact in a double. */
const LONG_DIGITS = /\d{16}/;

/**
 * Parses JSON text. An integer literal outside ±(2^53 − 1) becomes a string with its exact digits:
 * hosts send u64 nanosecond times, which a double would silently round. Throws `SyntaxError`.
 */
export function parseJson(text: string): JsonValue {
  return JSON.parse(LONG_DIGITS.test(text) ? quoteUnsafeIntegers(text) : text);
}

const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;

function quoteUnsafeIntegers(text: string): string {
  let out = "";
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === 0x22) {
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
  while (end < text.length && text.charCodeAt(end) !== 0x22) {
    end += text.charCodeAt(end) === 0x5c ? 2 : 1;
  }
  return end + 1;
}
