/**
 * Device data as a model may see it: numbers as the device meant them, texts bounded, and no
 * character that hides or reorders what stands beside it.
 */
import { shortestF32 } from "../f32.ts";
import { isJsonObject, type JsonValue } from "../json.ts";
import { MAX_STRING_LENGTH } from "./limits.ts";

/** C0 but tab and newlines, DEL and C1, bidi controls, zero-width and tag characters. */
const DECEPTIVE =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

export function presentable(value: JsonValue): JsonValue {
  if (typeof value === "number") return shortestF32(value);
  if (typeof value === "string") return presentableText(value);
  if (Array.isArray(value)) return value.map(presentable);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item = null]) => [presentableText(key), presentable(item)]),
  );
}

export function presentableText(text: string): string {
  const visible = text.replaceAll(DECEPTIVE, escape);
  if (visible.length <= MAX_STRING_LENGTH) return visible;
  return `${visible.slice(0, MAX_STRING_LENGTH)}… (${text.length} characters)`;
}

function escape(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
