import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import {
  checkCondition,
  parseCondition,
  type Condition,
  MAX_CONDITION_LENGTH,
} from "#shared/mcp/findings/condition.ts";

function check(text: string, value: JsonValue): string {
  const condition = parseCondition(text);
  return condition.ok ? checkCondition(condition.value, value) : condition.error;
}

describe("parseCondition()", () => {
  test.each([
    ["celsius > 25", ["celsius"], ">", 25],
    ["celsius>25", ["celsius"], ">", 25],
    ["  a.b.0 <= -1.5e3 ", ["a", "b", "0"], "<=", -1_500],
    ["motor-1.$rpm >= 0", ["motor-1", "$rpm"], ">=", 0],
    ['state == "off"', ["state"], "==", "off"],
    ['"two words".x != null', ["two words", "x"], "!=", null],
    ['"a.b" == true', ["a.b"], "==", true],
    ['"\\u0061" == false', ["a"], "==", false],
    [". < 5", [], "<", 5],
    [".<5", [], "<", 5],
    ["größe > 1", ["größe"], ">", 1],
  ])("reads %j", (text, path, operator, literal) => {
    expect(parseCondition(text)).toEqual({ ok: true, value: { path, operator, literal } });
  });

  test.each([
    "",
    "celsius",
    "> 25",
    "celsius >",
    "celsius > 25 && x > 1",
    "celsius > x",
    "celsius = 25",
    "celsius => 25",
    "a b > 1",
    "a..b > 1",
    ".a > 1",
    "a. > 1",
    "a > 1e999",
    "a == [1]",
    "a == {}",
    "a == 'off'",
    "process.exit()",
    "a[0] > 1",
    '"open > 1',
    '5 > 4 "',
  ])("refuses %j and says how to write one", (text) => {
    expect(parseCondition(text)).toEqual({
      ok: false,
      error: expect.stringContaining("celsius > 25"),
    });
  });

  test.each([">", ">=", "<", "<="])("compares nothing but numbers by %s", (operator) => {
    expect(parseCondition(`a ${operator} "b"`)).toEqual({
      ok: false,
      error: `${operator} compares numbers only.`,
    });
  });

  test("refuses what is too long", () => {
    expect(parseCondition(`${"a".repeat(MAX_CONDITION_LENGTH)} > 1`).ok).toBe(false);
  });

  test("never throws, whatever the text", () => {
    const piece = fc.constantFrom(".", '"', "\\", ">", "=", "!", " ", "a", "1", "é", "{", "\u0000");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((p) => p.join("")),
        ),
        (text) => {
          const parsed = parseCondition(text);
          expect(parsed.ok || parsed.error.length > 0).toBe(true);
        },
      ),
    );
  });

  test("reads back every condition it can hold", () => {
    const condition: fc.Arbitrary<Condition> = fc.record({
      path: fc.array(fc.string({ maxLength: 20 }), { maxLength: 3 }),
      operator: fc.constantFrom("==", "!="),
      literal: fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
        fc.string({ maxLength: 20 }),
        fc.boolean(),
        fc.constant(null),
      ),
    });
    fc.assert(
      fc.property(condition, ({ path, operator, literal }) => {
        const written = path.map((key) => JSON.stringify(key)).join(".") || ".";
        const text = `${written} ${operator} ${JSON.stringify(literal)}`;
        fc.pre(text.length <= MAX_CONDITION_LENGTH);
        expect(parseCondition(text)).toEqual({ ok: true, value: { path, operator, literal } });
      }),
    );
  });
});

describe("checkCondition()", () => {
  test.each([
    ["celsius > 25", { celsius: 25.1 }, "met"],
    ["celsius > 25", { celsius: 25 }, "not_met"],
    ["celsius >= 25", { celsius: 25 }, "met"],
    ["celsius < 25", { celsius: 25 }, "not_met"],
    ["celsius <= 25", { celsius: 25 }, "met"],
    ["celsius == 21.7", { celsius: 21.700000762939453 }, "met"],
    ["a.1.b == true", { a: [{}, { b: true }] }, "met"],
    [". == 5", 5, "met"],
    [". != 5", 5, "not_met"],
    ['state != "on"', { state: "off" }, "met"],
    ["state == null", { state: null }, "met"],
    ["celsius > 25", { celsius: "26" }, "absent"],
    ["celsius > 25", {}, "absent"],
    ["celsius != 25", {}, "absent"],
    ["celsius > 25", null, "absent"],
    ["a.b > 25", { a: 5 }, "absent"],
    ["length > 0", [1, 2], "absent"],
    ["length > 0", "text", "absent"],
    ["constructor != 1", {}, "absent"],
    ["__proto__ != 1", {}, "absent"],
    ['toString != ""', { a: 1 }, "absent"],
  ])("of %j on %j says %s", (text, value, verdict) => {
    expect(check(text, value)).toBe(verdict);
  });

  test("compares as JavaScript does", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (actual, limit) => {
        expect(check(`a > ${limit}`, { a: actual })).toBe(actual > limit ? "met" : "not_met");
        expect(check(`a <= ${limit}`, { a: actual })).toBe(actual <= limit ? "met" : "not_met");
        expect(check(`a == ${limit}`, { a: actual })).toBe(actual === limit ? "met" : "not_met");
      }),
    );
  });
});
