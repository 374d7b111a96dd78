/** What no tool argument may hold, whatever it is for. */
import { isJsonObject, type JsonValue } from "../../json/json.ts";
import { byteLength } from "../answers/fit.ts";

const DANGEROUS_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** C0 controls but tab, line feed and carriage return. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;

/** Half of a pair is not a character: AimX 1 ends the connection over it, and then it is not known whether it wrote. */
const HALF_PAIR = /\p{Surrogate}/u;

/** The same as at the worker's edge, which counts before it parses; a stdio client's input is first checked here. */
export const MAX_INPUT_DEPTH = 10;
export const MAX_INPUT_KEYS = 100;
export const MAX_INPUT_ITEMS = 1_000;

/** One text in UTF-8; records hold far less. */
export const MAX_INPUT_TEXT_BYTES = 64 * 1024;

/** Why the arguments are refused; undefined if they are not. */
export function refusalOfInput(value: JsonValue, depth = 0): string | undefined {
  if (typeof value === "number") return refusalOfNumber(value);
  if (typeof value === "string") return refusalOfText(value);
  if (!Array.isArray(value) && !isJsonObject(value)) return undefined;
  if (depth > MAX_INPUT_DEPTH) {
    return `An argument is nested deeper than ${MAX_INPUT_DEPTH} levels.`;
  }
  if (Array.isArray(value)) {
    return value.length > MAX_INPUT_ITEMS
      ? `An argument has an array with more than ${MAX_INPUT_ITEMS} items.`
      : firstRefusal(value, depth + 1);
  }
  const keys = Object.keys(value);
  if (keys.length > MAX_INPUT_KEYS) {
    return `An argument has an object with more than ${MAX_INPUT_KEYS} keys.`;
  }
  if (keys.some((key) => DANGEROUS_KEYS.has(key))) {
    return "An argument has a field named __proto__, constructor or prototype.";
  }
  const items = Object.values(value).map((item) => item ?? null);
  return firstRefusal(keys, depth + 1) ?? firstRefusal(items, depth + 1);
}

function firstRefusal(values: readonly JsonValue[], depth: number): string | undefined {
  for (const value of values) {
    const refusal = refusalOfInput(value, depth);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Reading the request has rounded it already; what became infinite would be written as null. */
function refusalOfNumber(value: number): string | undefined {
  if (!Number.isFinite(value)) return "An argument has a number that no double can hold.";
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? "An argument has an integer beyond ±(2^53 − 1), which JSON clients do not keep exact."
    : undefined;
}

function refusalOfText(text: string): string | undefined {
  if (byteLength(text) > MAX_INPUT_TEXT_BYTES) {
    return `An argument has a text of more than ${MAX_INPUT_TEXT_BYTES} bytes.`;
  }
  if (HALF_PAIR.test(text)) return "An argument has a text with half of a surrogate pair.";
  return CONTROL.test(text) ? "An argument has a text with control characters." : undefined;
}
