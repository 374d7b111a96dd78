import { describe, expect, test } from "vitest";
import { brokenLimit, needsCurrentValue, type Bounding } from "#shared/access/write-limits.ts";
import type { FieldLimit } from "#shared/access/write-rule.ts";
import type { JsonValue } from "#shared/json/json.ts";

function entry(fields: Record<string, FieldLimit>): Bounding {
  return { fields };
}

/** What `value` breaks where the record holds `current`. */
function broken(
  fields: Record<string, FieldLimit>,
  value: JsonValue,
  current?: JsonValue,
): string | undefined {
  return brokenLimit([entry(fields)], value, current);
}

describe("brokenLimit lets pass", () => {
  test.each<[string, Record<string, FieldLimit>, JsonValue, JsonValue?]>([
    ["a value without limits", {}, { c: 1e9 }],
    ["an empty limit", { c: {} }, {}],
    ["the lowest", { c: { min: 5 } }, { c: 5 }],
    ["the highest", { c: { max: 5 } }, { c: 5 }],
    ["a listed text", { mode: { enum: ["on", "off"] } }, { mode: "off" }],
    ["a listed number", { c: { enum: [1, 2] } }, { c: 2 }],
    ["a listed truth", { c: { enum: [false] } }, { c: false }],
    ["a change as large as allowed", { c: { max_change: 2 } }, { c: 12 }, { c: 10 }],
    ["no change where none is allowed", { c: { max_change: 0 } }, { c: 10 }, { c: 10 }],
    ["a nested field", { "target.celsius": { max: 90 } }, { target: { celsius: 90 } }],
    ["a value that is a number itself", { ".": { min: 0, max: 1 } }, 0.5],
    ["a field that no limit names", { c: { max: 1 } }, { c: 1, d: 1e9 }],
    ["a tenth that binary can't hold", { c: { max_change: 0.1 } }, { c: 0.4 }, { c: 0.3 }],
    [
      "a tenth from a widened f32",
      { c: { max_change: 0.1 } },
      { c: 20.1 },
      { c: 20.200000762939453 },
    ],
  ])("%s", (_name, fields, value, current) => {
    expect(broken(fields, value, current)).toBeUndefined();
  });
});

describe("brokenLimit stops", () => {
  const missing = '"c" must be present as a number, since it is limited.';
  const incomparable =
    '"c" may change by at most 2, and the record holds no number to compare with.';

  test.each<[string, Record<string, FieldLimit>, JsonValue, string]>([
    ["a low value", { c: { min: 5 } }, { c: 4.9 }, '"c" must be at least 5.'],
    ["a high value", { c: { max: 5 } }, { c: 5.1 }, '"c" must be at most 5.'],
    ["an unlisted text", { m: { enum: ["on", 1] } }, { m: "ON" }, '"m" must be one of "on", 1.'],
    ["a missing text", { m: { enum: ["on"] } }, {}, '"m" must be one of "on".'],
    [
      "more than a double holds",
      { c: { min: 0, max_change: 1 } },
      { c: Number.POSITIVE_INFINITY },
      missing,
    ],
    ["a missing number", { c: { max: 5 } }, { d: 1 }, missing],
    ["a text for a number", { c: { max: 5 } }, { c: "1" }, missing],
    ["a value that is no object", { c: { max: 5 } }, [1], missing],
    ["an inherited name", { toString: { enum: ["x"] } }, {}, '"toString" must be one of "x".'],
    ["a nested field", { "t.c": { max: 90 } }, { t: { c: 91 } }, '"t.c" must be at most 90.'],
    ["a whole value", { ".": { max: 1 } }, 2, "The value must be at most 1."],
    ["a change of nothing", { c: { max_change: 2 } }, { c: 1 }, incomparable],
  ])("%s", (_name, fields, value, problem) => {
    expect(broken(fields, value)).toBe(problem);
  });

  test.each<[string, JsonValue, string]>([
    ["a large change upwards", { c: 7.9 }, '"c" may change by at most 2 at a time.'],
    ["a large change downwards", { c: 12.1 }, '"c" may change by at most 2 at a time.'],
    ["a change of a text", { c: "10" }, incomparable],
  ])("%s", (_name, current, problem) => {
    expect(broken({ c: { max_change: 2 } }, { c: 10 }, current)).toBe(problem);
  });

  test("what breaks the limit of any entry", () => {
    const entries = [{}, entry({ c: { max: 9 } }), entry({ c: { max: 5 } })];
    expect(brokenLimit(entries, { c: 7 }, undefined)).toBe('"c" must be at most 5.');
  });

  test("a value without repeating it", () => {
    expect(broken({ c: { enum: ["on"] } }, { c: "hunter2" })).not.toContain("hunter2");
  });
});

test.each<[string, Bounding[], boolean]>([
  ["no entry", [], false],
  ["no limits", [{}], false],
  ["limits of the value alone", [entry({ c: { min: 1, max: 2, enum: [1] } })], false],
  ["a limit of change", [{}, entry({ d: {}, c: { max_change: 0 } })], true],
])("needsCurrentValue with %s", (_name, entries, needs) => {
  expect(needsCurrentValue(entries)).toBe(needs);
});
