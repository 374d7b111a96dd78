import { expect, test } from "vitest";
import { parseLine } from "./line.ts";

test.each([
  ["64kbit,600ms", { type: "slow", bytesPerS: 8_000, delayMs: 600 }],
  ["64kbit", { type: "slow", bytesPerS: 8_000, delayMs: 0 }],
  ["600ms", { type: "delayed", ms: 600 }],
])("%s is a line", (text, line) => {
  expect(parseLine(text)).toEqual(line);
});

test.each(["", ",", "64", "0kbit", "0ms", "0kbit,600ms", "64kbit600ms", ",600ms", "600ms,64kbit"])(
  "%j is none",
  (text) => {
    expect(parseLine(text)).toBeUndefined();
  },
);
