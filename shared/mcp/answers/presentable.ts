/**
 * Device data as a model may see it: numbers as the device meant them, texts bounded, and no character that hides or
 * reorders what is beside it.
 */
import { shortestF32 } from "../../json/f32.ts";
import { isJsonObject, type JsonValue } from "../../json/json.ts";
import { MAX_STRING_LENGTH } from "../limits.ts";

/**
 * C0 but tab and newlines, DEL and C1, separators of lines and of annotations; halves of surrogate pairs, which
 * clients in other languages refuse together with the whole answer; and what is not drawn: bidi controls, zero-width
 * and tag characters, fillers, and variation selectors, 256 of which carry a byte each. The two that choose how a
 * picture is drawn stay behind one.
 */
const DECEPTIVE =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb\u{d800}-\u{dfff}]|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}|(?<!\p{Extended_Pictographic})[\ufe0e\ufe0f]/gu;

export function presentable(value: JsonValue): JsonValue {
  if (typeof value === "number") return shortestF32(value);
  if (typeof value === "string") return presentableText(value);
  if (Array.isArray(value)) return value.map(presentable);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item = null]) => [presentableText(key), presentable(item)]),
  );
}

/** What nearly all are: printable ASCII. */
const PLAIN = /^[\t\n\r -~]*$/;

export function presentableText(text: string, maxLength: number = MAX_STRING_LENGTH): string {
  if (text.length <= maxLength && PLAIN.test(text)) return text;
  const visible = text.replaceAll(DECEPTIVE, escape);
  if (visible.length <= maxLength) return visible;
  return `${cutText(visible, maxLength)}… (${text.length} characters)`;
}

/** The start of a text, never half a character. */
export function cutText(text: string, maxLength: number): string {
  const start = text.slice(0, maxLength);
  return /[\ud800-\udbff]$/.test(start) ? start.slice(0, -1) : start;
}

/** As `presentableText` ends a text that it cut, and as `escape` writes a character. */
const ALTERED = /… \(\d+ characters\)$|\\u\{[0-9a-f]{1,6}\}/;

/** Whether a text in it looks like one that was altered to be shown: written back, it would replace the real one. */
export function isAltered(value: JsonValue): boolean {
  if (typeof value === "string") return ALTERED.test(value);
  if (Array.isArray(value)) return value.some(isAltered);
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([key, item = null]) => isAltered(key) || isAltered(item));
}

const ESCAPED = /\\u\{([0-9a-f]{1,6})\}/g;
const MAX_CODE_POINT = 0x10ffff;

/** What was shown as this text, of which nothing was cut. Halves of pairs stay escaped: no host takes them. */
export function unescaped(text: string): string {
  return text.replaceAll(ESCAPED, (shown: string, hex: string) => {
    const code = Number.parseInt(hex, 16);
    const character = code > MAX_CODE_POINT ? shown : String.fromCodePoint(code);
    const isEscape = character.replaceAll(DECEPTIVE, escape) === shown;
    return isEscape && !/\p{Surrogate}/u.test(character) ? character : shown;
  });
}

function escape(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
