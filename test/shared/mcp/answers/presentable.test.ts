import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { MAX_STRING_LENGTH } from "#shared/mcp/limits.ts";
import {
  cutText,
  presentable,
  presentableText,
  unescaped,
} from "#shared/mcp/answers/presentable.ts";
import { anyCharacter } from "../../../support/any-character.ts";

describe("presentable()", () => {
  test.each([
    { name: "a widened f32", value: 21.700000762939453, shown: 21.7 },
    { name: "a negative one", value: -0.10000000149011612, shown: -0.1 },
    { name: "an f64", value: 0.1 + 0.2, shown: 0.1 + 0.2 },
    { name: "a whole number", value: 16_777_217, shown: 16_777_217 },
    { name: "null", value: null, shown: null },
    { name: "a boolean", value: true, shown: true },
    { name: "a text", value: "on", shown: "on" },
    {
      name: "numbers within",
      value: { a: [21.700000762939453, { b: 21.700000762939453 }] },
      shown: { a: [21.7, { b: 21.7 }] },
    },
    {
      name: "a field whose name hides something",
      value: { "a\u200bb": "c\u202ed" },
      shown: { "a\\u{200b}b": "c\\u{202e}d" },
    },
  ])("shows $name", ({ value, shown }) => {
    expect(presentable(value)).toEqual(shown);
  });

  test("shows a field named __proto__ as any other", () => {
    const value = JSON.parse('{"__proto__":{"polluted":1}}');

    expect(JSON.stringify(presentable(value))).toBe('{"__proto__":{"polluted":1}}');
    expect(Object.prototype).not.toHaveProperty("polluted");
  });

  test("changes nothing of JSON without f32, long or deceptive texts", () => {
    const plain = fc.stringMatching(/^[ -~äöü€]{0,20}$/);
    const json = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc.integer(),
        plain,
        fc.array(tie("value"), { maxLength: 5 }),
        fc.dictionary(plain, tie("value"), { maxKeys: 5 }),
      ),
    })).value;

    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.stringify(presentable(value))).toBe(JSON.stringify(value));
      }),
    );
  });
});

describe("presentableText()", () => {
  test.each([
    { name: "a null character", text: "a\u0000b", shown: "a\\u{0}b" },
    { name: "escape, which terminals obey", text: "\u001b[31m", shown: "\\u{1b}[31m" },
    { name: "DEL and C1", text: "\u007f\u009b", shown: "\\u{7f}\\u{9b}" },
    { name: "bidi overrides", text: "\u202egnp.exe", shown: "\\u{202e}gnp.exe" },
    { name: "bidi isolates", text: "\u2066a\u2069", shown: "\\u{2066}a\\u{2069}" },
    { name: "the Arabic letter mark", text: "\u061c", shown: "\\u{61c}" },
    { name: "a zero-width space", text: "\u200b", shown: "\\u{200b}" },
    { name: "a zero-width joiner", text: "\u200d", shown: "\\u{200d}" },
    { name: "a word joiner", text: "\u2060", shown: "\\u{2060}" },
    { name: "a byte order mark", text: "\ufeff", shown: "\\u{feff}" },
    { name: "a tag character", text: "\u{e0041}", shown: "\\u{e0041}" },
    { name: "a variation selector", text: "a\u{e0131}", shown: "a\\u{e0131}" },
    { name: "one behind a letter", text: "a\ufe0f", shown: "a\\u{fe0f}" },
    { name: "one behind another", text: "⚠\ufe0f\ufe0e", shown: "⚠\ufe0f\\u{fe0e}" },
    { name: "a soft hyphen", text: "a\u00adb", shown: "a\\u{ad}b" },
    { name: "a letter that is not drawn", text: "\u3164", shown: "\\u{3164}" },
    { name: "a line separator", text: "a\u2028b", shown: "a\\u{2028}b" },
    { name: "an interlinear annotation", text: "\ufff9", shown: "\\u{fff9}" },
    { name: "the first half of a character", text: "a\ud83d", shown: "a\\u{d83d}" },
    { name: "the second half of a character", text: "\ude00b", shown: "\\u{de00}b" },
  ])("escapes $name", ({ text, shown }) => {
    expect(presentableText(text)).toBe(shown);
  });

  test.each(["\t\n\r", "äöü €", "日本語", "😀", "⚠\ufe0f hot", "مرحبا", "\\u{202e}", ""])(
    "leaves %j",
    (text) => {
      expect(presentableText(text)).toBe(text);
    },
  );

  test("cuts a long text and says how long it was", () => {
    expect(presentableText("x".repeat(MAX_STRING_LENGTH))).toHaveLength(MAX_STRING_LENGTH);
    expect(presentableText("x".repeat(10_000))).toBe(
      `${"x".repeat(MAX_STRING_LENGTH)}… (10000 characters)`,
    );
    expect(presentableText("abcdef", 4)).toBe("abcd… (6 characters)");
  });

  test("is always text that every client can read, within its bound", () => {
    const anyText = fc.string({ unit: anyCharacter, maxLength: 200 });

    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 100 }), (text, maxLength) => {
        const shown = presentableText(text, maxLength);
        expect(shown).toBe(Buffer.from(shown).toString());
        expect(shown.length).toBeLessThanOrEqual(maxLength + "… (200 characters)".length);
        expect(shown).not.toMatch(/[\u200b-\u200f\u202a-\u202e]/);
        expect(shown).not.toContain("\u0000");
      }),
    );
  });
});

test.each([
  { text: "abc", length: 2, cut: "ab" },
  { text: "abc", length: 3, cut: "abc" },
  { text: "a😀b", length: 2, cut: "a" },
  { text: "a😀b", length: 3, cut: "a😀" },
  { text: "😀", length: 1, cut: "" },
])("cutText($text, $length) is $cut", ({ text, length, cut }) => {
  expect(cutText(text, length)).toBe(cut);
});

describe("unescaped()", () => {
  test.each([
    ["a\\u{1b}b\\u{200c}", "a\u001bb\u200c"],
    ["\\u{e0041}", "\u{e0041}"],
    ["plain", "plain"],
    // What is shown as it is was never escaped.
    ["\\u{41}\\u{001b}", "\\u{41}\\u{001b}"],
    ["\\u{110000}\\u{ffffff}\\u{}", "\\u{110000}\\u{ffffff}\\u{}"],
    ["\\u{d800}", "\\u{d800}"],
  ])("%s", (shown, text) => {
    expect(unescaped(shown)).toBe(text);
  });

  test("is the text that was shown", () => {
    const whole = fc
      .string({ unit: anyCharacter, maxLength: 100 })
      .filter((text) => !text.includes("\\"));

    fc.assert(
      fc.property(whole, (text) => {
        expect(unescaped(presentableText(text))).toBe(text);
      }),
    );
  });
});
