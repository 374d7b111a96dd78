import { expect, test } from "vitest";
import { answerBytes, lagBound } from "../../../relay/link/line-share.ts";

const NARROW = { perSecond: 8_000, knowsSlow: true };

test.each([
  { line: undefined, bytes: 100_000 },
  { line: { perSecond: undefined, knowsSlow: true }, bytes: 100_000 },
  { line: { perSecond: 1_000_000, knowsSlow: true }, bytes: 100_000 },
  { line: NARROW, bytes: 12_000 },
  { line: { perSecond: 100, knowsSlow: true }, bytes: 4_096 },
])("an answer over $line has $bytes bytes of a hundred thousand", ({ line, bytes }) => {
  expect(answerBytes(100_000, line)).toBe(bytes);
});

test("readers behind a narrow line go on with the newest, and a worker of before is told as it knows [S-8] [H-12]", () => {
  expect(lagBound(NARROW)).toEqual({ maxBytes: 40_000, keptBytes: 12_000, reason: "link_slow" });
  expect(lagBound({ ...NARROW, knowsSlow: false })).toMatchObject({ reason: "not_kept" });
  expect(lagBound({ perSecond: undefined, knowsSlow: true })).toBeUndefined();
});
