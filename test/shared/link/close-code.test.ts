import { expect, test } from "vitest";
import { CLOSE_CODES, closeNameOf, type CloseName } from "#shared/link/close-code.ts";

const CODES = Object.entries(CLOSE_CODES).map(([name, close]) => ({ name, ...close }));

/** RFC 6455 §5.5: a close frame has 125 bytes, two of them for the code. */
const MAX_REASON_BYTES = 123;

test.each(CODES)("closeNameOf() finds $name by its code", ({ name, code }) => {
  expect(closeNameOf(code)).toBe(name);
});

test.each([0, 1005, 1006, 1009, 1011, 4000, 4499, Number.NaN])(
  "closeNameOf() knows no code %d",
  (code) => {
    expect(closeNameOf(code)).toBeUndefined();
  },
);

test("no two names share a code", () => {
  expect(new Set(CODES.map(({ code }) => code)).size).toBe(CODES.length);
});

test.each(CODES)("the advice of $name fits a close frame", ({ advice }) => {
  expect(Buffer.byteLength(advice)).toBeLessThanOrEqual(MAX_REASON_BYTES);
});

test.each(CODES)("$name is one of the WebSocket protocol's codes or of ours", ({ code }) => {
  expect(code === 1000 || code === 1001 || (code >= 4000 && code <= 4999)).toBe(true);
});

test("a relay stops only where dialing again can change nothing", () => {
  const stopping = CODES.filter(({ next }) => next === "stop").map(({ name }) => name);

  expect(stopping).toEqual([
    "unauthorized",
    "revoked",
    "unsupported_version",
  ] satisfies CloseName[]);
});
