import fc from "fast-check";
import { expect, test } from "vitest";
import { brokenBound } from "#shared/json/json-bounds.ts";

const BOUNDS = { maxDepth: 3, maxKeys: 4, maxItems: 5 };

test.each([
  ["1", undefined],
  ["[[[1]]]", undefined],
  ["[[[[1]]]]", "nested deeper than 3 levels"],
  ['{"a":{"b":{"c":{}}}}', "nested deeper than 3 levels"],
  ["[1,2,3,4,5]", undefined],
  ["[1,2,3,4,5,6]", "an array with more than 5 items"],
  ['{"a":1,"b":2,"c":3,"d":4}', undefined],
  ['{"a":1,"b":2,"c":3,"d":4,"e":5}', "an object with more than 4 keys"],
  ['{"a":1,"a":1,"a":1,"a":1,"a":1}', "an object with more than 4 keys"],
  ['["[[[[", "{{{{", ",,,,,,,,"]', undefined],
  ['["\\"[[[[", 1]', undefined],
  ['["\\\\", [[[1]]]]', "nested deeper than 3 levels"],
  ["[[1],[1],[1],[1],[1]]", undefined],
  ["", undefined],
  ["]]]]", undefined],
  ['"never closed [[[[', undefined],
])("brokenBound(%j) is %j", (text, broken) => {
  expect(brokenBound(text, BOUNDS)).toBe(broken);
});

function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth === BOUNDS.maxDepth) return false;
  const items: unknown[] = Object.values(value);
  const isWide = items.length > (Array.isArray(value) ? BOUNDS.maxItems : BOUNDS.maxKeys);
  return !isWide && items.every((item) => isWithin(item, depth + 1));
}

test("brokenBound judges text as the parsed value would be judged", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(brokenBound(text, BOUNDS) === undefined).toBe(isWithin(JSON.parse(text), 0));
    }),
    { numRuns: 1_000 },
  );
});

test("brokenBound ends on any text", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("{", "}", "[", "]", ",", '"', "\\", "a") }),
      (text) => {
        const broken = brokenBound(text, BOUNDS);
        expect(broken === undefined || broken.length > 0).toBe(true);
      },
    ),
  );
});
