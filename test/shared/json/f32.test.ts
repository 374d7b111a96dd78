import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isEchoOf, sameReading, shortestF32, withShortestF32 } from "#shared/json/f32.ts";
import type { JsonValue } from "#shared/json/json.ts";

const anyF32 = fc.float({ noNaN: true, noDefaultInfinity: true });

describe("shortestF32", () => {
  test.each([
    [21.700000762939453, 21.7],
    [36.599998474121094, 36.6],
    [0.10000000149011612, 0.1],
    [-0.30000001192092896, -0.3],
    [1.1754943508222875e-38, 1.1754944e-38],
    [21.7, 21.7],
    [0.5, 0.5],
    [0.1, 0.1],
    [123456789, 123456789],
    [1795171453137, 1795171453137],
    [0, 0],
  ])("gives for %d the number %d", (value, shortest) => {
    expect(shortestF32(value)).toBe(shortest);
  });

  test("never leaves the f32 it started from", () => {
    fc.assert(
      fc.property(anyF32, (value) => {
        expect(Math.fround(shortestF32(value))).toBe(value);
      }),
    );
  });

  test("leaves a number that is no f32 as it is", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        fc.pre(Math.fround(value) !== value);
        expect(shortestF32(value)).toBe(value);
      }),
    );
  });
});

test("withShortestF32 reaches every number and nothing else", () => {
  const value = {
    celsius: 21.700000762939453,
    list: [0.10000000149011612, "21.700000762939453", null, true],
    inner: { at: 1795171453137 },
  };

  expect(withShortestF32(value)).toEqual({
    celsius: 21.7,
    list: [0.1, "21.700000762939453", null, true],
    inner: { at: 1795171453137 },
  });
});

describe("sameReading", () => {
  test.each<[string, JsonValue, JsonValue]>([
    ["a widened f32 and its short form", 21.7, 21.700000762939453],
    ["a large widened f32 and its short form", 34_000_000_000, 33_999_998_976],
    ["fields in another order", { a: 1, b: 0.1 }, { b: 0.10000000149011612, a: 1 }],
    ["lists of the same", [1, "x", null], [1, "x", null]],
    ["nothing and nothing", null, null],
  ])("takes %s for one", (_name, a, b) => {
    expect(sameReading(a, b)).toBe(true);
    expect(sameReading(b, a)).toBe(true);
  });

  test.each<[string, JsonValue, JsonValue]>([
    ["times that differ by a millisecond", 1795171453137, 1795171453138],
    ["times in seconds with fractions", 1795171453.137, 1795171453.138],
    ["counts beyond the integers of an f32", 16_777_216, 16_777_217],
    ["doubles that an f32 can't tell apart", 0.5, 0.500000000001],
    ["numbers that are apart", 21.7, 21.8],
    ["a field more", { a: 1 }, { a: 1, b: 2 }],
    ["another field", { a: 1 }, { b: 1 }],
    ["a longer list", [1], [1, 1]],
    ["a list and an object", [], {}],
    ["null and a missing field", { a: null }, {}],
    ["a number and its text", 1, "1"],
  ])("tells %s apart", (_name, a, b) => {
    expect(sameReading(a, b)).toBe(false);
    expect(sameReading(b, a)).toBe(false);
  });

  test("takes every f32 and its shortest decimal for one", () => {
    fc.assert(
      fc.property(anyF32, (value) => {
        expect(sameReading(value, shortestF32(value))).toBe(true);
      }),
    );
  });

  test("takes every value for the same as itself", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(sameReading(value as JsonValue, structuredClone(value) as JsonValue)).toBe(true);
      }),
    );
  });

  test("tells integers apart that are not equal", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 1_000 }), (value, step) => {
        fc.pre(Number.isSafeInteger(value + step));
        // An f32 of whole numbers prints as two integers, its own and a rounder one.
        fc.pre(shortestF32(value) !== value + step && shortestF32(value + step) !== value);
        expect(sameReading(value, value + step)).toBe(false);
      }),
    );
  });
});

describe("isEchoOf", () => {
  test.each<[string, JsonValue, JsonValue, boolean]>([
    ["the value itself", 22.5, 22.5, true],
    ["a widened f32", 21.700000762939453, 21.7, true],
    ["an f32 of a longer number", 0.3, 0.1 + 0.2, true],
    ["a widened f32 of a longer number", 0.30000001192092896, 0.1 + 0.2, true],
    ["the next integer", 16_777_216, 16_777_217, false],
    ["another number", 21.8, 21.7, false],
    ["a clamped number", 100, 120, false],
    ["the same object", { celsius: 21.700000762939453, n: 1 }, { n: 1, celsius: 21.7 }, true],
    ["an object with a field more", { a: 1, b: 0 }, { a: 1 }, false],
    ["an object with another text", { level: "warn" }, { level: "debug" }, false],
  ])("of %s: %j after %j is %s", (_name, echo, written, is) => {
    expect(isEchoOf(echo, written)).toBe(is);
  });

  test("holds for what a host makes of any double in an f32 field", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e30, max: 1e30 }), (written) => {
        fc.pre(!Number.isInteger(written));
        expect(isEchoOf(Math.fround(written), written)).toBe(true);
        expect(isEchoOf(shortestF32(Math.fround(written)), written)).toBe(true);
      }),
    );
  });
});
