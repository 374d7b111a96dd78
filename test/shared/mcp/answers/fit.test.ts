import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  byteLength,
  fittingPrefix,
  fittingText,
  fittingValue,
  sizeLimit,
} from "#shared/mcp/answers/fit.ts";

test.each([
  { value: "a", bytes: 3 },
  { value: "€", bytes: 5 },
  { value: '"', bytes: 4 },
  { value: { a: [1, null] }, bytes: 14 },
])("byteLength($value) is $bytes", ({ value, bytes }) => {
  expect(byteLength(value)).toBe(bytes);
});

test("sizeLimit() is 10 000 bytes where nothing else is asked", () => {
  expect([sizeLimit(undefined), sizeLimit(48_000)]).toEqual([10_000, 48_000]);
});

describe("fittingPrefix()", () => {
  test.each([
    { items: [], maxBytes: 10, atLeast: 1, kept: 0 },
    { items: ["aa", "bb", "cc"], maxBytes: 15, atLeast: 1, kept: 3 },
    { items: ["aa", "bb", "cc"], maxBytes: 14, atLeast: 1, kept: 2 },
    { items: ["a".repeat(50), "bb"], maxBytes: 10, atLeast: 1, kept: 1 },
    { items: ["a".repeat(50), "bb"], maxBytes: 10, atLeast: 0, kept: 0 },
    { items: ["aa", "b".repeat(50), "cc"], maxBytes: 20, atLeast: 1, kept: 1 },
  ])("keeps $kept of $items in $maxBytes bytes", ({ items, maxBytes, atLeast, kept }) => {
    expect(fittingPrefix(items, maxBytes, atLeast)).toEqual(items.slice(0, kept));
  });
});

describe("fittingText()", () => {
  test("leaves a text that fits", () => {
    expect(fittingText("abc", 5)).toBe("abc");
  });

  test("is the longest start that fits, whatever the characters", () => {
    const anyText = fc.string({ unit: "grapheme", maxLength: 100 });

    fc.assert(
      fc.property(anyText, fc.integer({ min: 10, max: 200 }), (text, maxBytes) => {
        const fit = fittingText(text, maxBytes);
        expect(byteLength(fit)).toBeLessThanOrEqual(maxBytes);
        expect(text.startsWith(fit.replace(/…$/, ""))).toBe(true);
        const isCut = byteLength(text) > maxBytes;
        expect(byteLength(fit)).toBeGreaterThan(isCut ? maxBytes - 12 : 1);
      }),
    );
  });
});

describe("fittingValue()", () => {
  const advice = (bytes: number): string => `Ask for ${bytes}.`;

  test("is the value where it fits", () => {
    expect(fittingValue({ a: 1 }, 7, advice)).toEqual({ value: { a: 1 } });
  });

  test("is the start of its JSON with advice where it does not", () => {
    expect(fittingValue("x".repeat(1_000), 200, advice)).toEqual({
      value: null,
      value_truncated: {
        bytes: 1_002,
        start_of_json: expect.stringMatching(/^"x{50,}…$/),
        advice: "Ask for 1002.",
      },
    });
  });

  test.each(["x", "€", '"', "\\", "\n", "😀"])("keeps its bound for texts of %j", (character) => {
    for (const maxBytes of [200, 999, 10_000]) {
      const fit = fittingValue(character.repeat(20_000), maxBytes, advice);
      expect(byteLength(fit)).toBeLessThanOrEqual(maxBytes + '{"value":}'.length);
    }
  });

  test("leaves the start out where there is no room for it", () => {
    expect(fittingValue("x".repeat(1_000), 50, advice)).toMatchObject({
      value_truncated: { start_of_json: "" },
    });
  });
});
