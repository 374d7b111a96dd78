import { expect, test } from "vitest";
import { MAX_TRACESTATE_LENGTH, parseTracestate } from "#shared/trace/trace-state.ts";

const keys = (count: number) => Array.from({ length: count }, (_, n) => `k${n}=1`).join(",");
const LONGEST = `a=${"x".repeat(256)},b=${"y".repeat(MAX_TRACESTATE_LENGTH - 261)}`;

test.each([
  "vendor=opaque",
  "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7",
  "tenant@system=a b,\t other=!~ , ",
  "1a_-*/=x",
  keys(32),
  LONGEST,
])("%j is passed on as it came", (text) => {
  expect(parseTracestate(text)).toBe(text);
});

test.each([
  ["nothing", ""],
  ["blanks", " , "],
  ["one without a value", "vendor="],
  ["one without a key", "=x"],
  ["an upper-case key", "Vendor=x"],
  ["an equals sign in a value", "vendor=a=b"],
  ["text beyond ASCII", "vendor=ä"],
  ["a line end", "vendor=a\nb"],
  ["a line end behind it", "vendor=a\n"],
  ["the same key twice", "a=1,a=2"],
  ["a good one beside a bad one", "a=1,B=2"],
  ["more than 32", keys(33)],
  ["more than 512 characters", `${LONGEST}y`],
  ["a value of more than 256", `a=${"x".repeat(257)}`],
  ["a number", 7],
  ["none", undefined],
])("%s is none", (_, text) => {
  expect(parseTracestate(text)).toBeUndefined();
});
