import { describe, expect, test } from "vitest";
import { printAllowed, readAllowed } from "../../../../worker/team-pages/policy/allowed-values.ts";

describe("allowed values in one line", () => {
  test.each([
    ["low, high", ["low", "high"]],
    [" low ,high ", ["low", "high"]],
    ["1, -2.5, 1e3", [1, -2.5, 1000]],
    ["true, false", [true, false]],
    ['"5", "true", "a, b", ""', ["5", "true", "a, b", ""]],
    ["007, +5, .5", ["007", "+5", ".5"]],
    ["very low", ["very low"]],
    [String.raw`"say \"hi\""`, ['say "hi"']],
  ])("%s is %j", (text, values) => {
    expect(readAllowed(text)).toEqual({ ok: true, value: values });
  });

  test.each(["", "a,", ",a", "a,,b", '"a', 'a"b"', '"a" b', String.raw`"\x"`])(
    "%j is none, and is told how to write some",
    (text) => {
      expect(readAllowed(text)).toMatchObject({ error: expect.stringContaining("commas") });
    },
  );

  test("are read back as they were, whatever they are", () => {
    const values = [
      "a",
      " a",
      "5",
      5,
      "-0.5",
      "true",
      true,
      "a,b",
      '"',
      "\n",
      "\u{d800}",
      "",
      "1e+21",
      1e21,
      "höher",
    ];

    expect(readAllowed(printAllowed(values))).toEqual({ ok: true, value: values });
  });

  test("stay quick where nothing fits", () => {
    const text = `${" ".repeat(100_000)}"`;

    expect(readAllowed(text).ok).toBe(false);
  });
});
