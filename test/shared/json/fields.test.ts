import { describe, expect, test } from "vitest";
import { numericFields, scalarFields } from "#shared/json/fields.ts";

describe("numericFields()", () => {
  test.each([
    [5, { ".": 5 }],
    [
      { a: 1, b: { c: 2 }, d: [3, "x", 4] },
      { a: 1, "b.c": 2, "d.0": 3, "d.2": 4 },
    ],
    [{ a: "1", b: null, c: true }, {}],
    ["text", {}],
    [null, {}],
  ])("finds those of %j", (value, fields) => {
    expect(Object.fromEntries(numericFields(value))).toEqual(fields);
  });

  test("ends, however wide or deep a device's value is", () => {
    let deep: object = { n: 1 };
    for (let i = 0; i < 100; i += 1) deep = { deep };

    expect(numericFields(JSON.parse(JSON.stringify(deep))).size).toBe(0);
    expect(numericFields(Array.from({ length: 10_000 }, (_, i) => i)).size).toBe(50);
  });
});

test("scalarFields() finds all that is compared, and no container", () => {
  const value = { a: "1", b: null, c: { d: true, e: [0, {}] } };

  expect(Object.fromEntries(scalarFields(value))).toEqual({
    a: "1",
    b: null,
    "c.d": true,
    "c.e.0": 0,
  });
});
