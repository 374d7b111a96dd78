import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { checkValue } from "../../../../relay/instances/writing/value-check.ts";

describe("checkValue finds no problem in", () => {
  test.each<[string, JsonValue[], JsonValue]>([
    ["anything where nothing was seen", [], { any: ["thing"] }],
    ["a value of the kind that was seen", [1, 2], 3],
    ["fields in another order", [{ a: 1, b: "x" }], { b: "y", a: 2 }],
    ["a field that is not always there", [{ a: 1 }, { a: 1, b: 2 }], { a: 3 }],
    ["null where null was seen", [{ a: null }, { a: 1 }], { a: null }],
    ["anything where only null was seen", [{ a: null }], { a: { b: 1 } }],
    ["an empty list", [[1, 2]], []],
    ["a list where only empty ones were seen", [[]], ["x"]],
    ["an integer where one beyond 2^53 was seen", [{ n: "9007199254740993" }], { n: 5 }],
    ["one of several kinds, as an enum has", ["off", { on: 3 }], "off"],
  ])("%s", (_name, samples, value) => {
    expect(checkValue(samples, value).problems).toEqual([]);
  });
});

describe("checkValue names the place and what was seen of", () => {
  test.each<[string, JsonValue[], JsonValue, string]>([
    ["another kind", [1], "one", "the value is text, seen: number"],
    ["a field of another kind", [{ a: { b: 1 } }], { a: { b: "x" } }, "a.b is text, seen: number"],
    [
      "one of several kinds",
      [{ a: 1 }, { a: "x" }],
      { a: true },
      "a is boolean, seen: number or text",
    ],
    ["a field that is missing", [{ a: 1, b: true }], { a: 1 }, "b is missing, seen: boolean"],
    ["a nested one", [{ a: { b: 1 } }], { a: {} }, "a.b is missing, seen: number"],
    ["null where none was seen", [{ a: 1 }], { a: null }, "a is null, seen: number"],
    ["an item of another kind", [[1], [2]], [3, "x"], "[1] is text, seen: number"],
    ["a list in the place of an object", [{ a: 1 }], [], "the value is list, seen: object"],
  ])("%s", (_name, samples, value, problem) => {
    expect(checkValue(samples, value).problems).toEqual([problem]);
  });
});

test("checkValue only warns of a field that was never seen, and of a fraction", () => {
  expect(checkValue([{ a: 1 }], { a: 1.5, b: 2 })).toEqual({
    problems: [],
    warnings: ["a was a whole number so far", "b was never seen"],
  });
});

test("checkValue warns that an integer beyond 2^53 goes as text", () => {
  const seen = [{ n: "9007199254740993", id: "4711" }];

  expect(checkValue(seen, { n: "9007199254740995", id: "4712" })).toEqual({
    problems: [],
    warnings: [expect.stringMatching(/^n is written as text; .* beyond 2\^53/)],
  });
  expect(checkValue(seen, { n: 5, id: 4712 }).problems).toEqual(["id is number, seen: text"]);
});

test("checkValue says no more than a caller reads", () => {
  const sample = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, i]));
  const value = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`g${i}`, i]));

  const { problems, warnings } = checkValue([sample], value);

  expect([problems.length, warnings.length]).toEqual([10, 20]);
});

test("checkValue finds nothing wrong with any value that it has seen", () => {
  const value = fc.jsonValue().map((json): JsonValue => JSON.parse(JSON.stringify(json)));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), value, (others, seen) => {
      expect(checkValue([seen], seen)).toEqual({ problems: [], warnings: [] });
      const { problems } = checkValue([...others, seen], seen);
      expect(problems.filter((problem) => !problem.includes("missing"))).toEqual([]);
    }),
  );
});
