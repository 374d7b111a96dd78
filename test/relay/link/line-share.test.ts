import { expect, test } from "vitest";
import { answerBytes, lagBound, type Line } from "../../../relay/link/line-share.ts";

const WIDE: Line = { perSecond: undefined, knowsSlow: true, knowsBudget: true };
const NARROW = { ...WIDE, perSecond: 8_000 };
const allowing = (perSecond: number, freeBytes = 0) => {
  return { perSecond, freeBytes, isLow: freeBytes === 0, restMs: () => 0, take: () => {} };
};

test.each([
  { line: undefined, bytes: 100_000 },
  { line: WIDE, bytes: 100_000 },
  { line: { ...WIDE, perSecond: 1_000_000 }, bytes: 100_000 },
  { line: NARROW, bytes: 12_000 },
  { line: { ...WIDE, perSecond: 100 }, bytes: 4_096 },
  { line: { ...WIDE, allowance: allowing(8_000) }, bytes: 12_000 },
  { line: { ...NARROW, allowance: allowing(4_000) }, bytes: 6_000 },
])("an answer over $line has $bytes bytes of a hundred thousand", ({ line, bytes }) => {
  expect(answerBytes(100_000, line)).toBe(bytes);
});

test("readers behind a narrow line go on with the newest, and a worker of before is told as it knows [S-8] [H-12]", () => {
  expect(lagBound(NARROW)).toEqual({ maxBytes: 40_000, keptBytes: 12_000, reason: "link_slow" });
  expect(lagBound({ ...NARROW, knowsSlow: false })).toMatchObject({ reason: "not_kept" });
  expect(lagBound(WIDE)).toBeUndefined();
});

test("readers behind a low budget go on with the newest, and a worker of before is told as it knows [U-2] [H-12]", () => {
  const metered = { ...WIDE, allowance: allowing(2_000) };

  expect(lagBound(metered)).toEqual({ maxBytes: 10_000, keptBytes: 3_000, reason: "budget" });
  expect(lagBound({ ...metered, knowsBudget: false })).toMatchObject({ reason: "not_kept" });
  expect(lagBound({ ...metered, perSecond: 1_000 })).toMatchObject({ reason: "link_slow" });
});

test("readers that were held back go on with the newest when a budget opens again [U-7]", () => {
  const open = { ...WIDE, allowance: allowing(2_000, 1_000) };

  expect(lagBound(open)).toEqual({ maxBytes: 120_000, keptBytes: 120_000, reason: "budget" });
  expect(answerBytes(100_000, open)).toBe(100_000);
  expect(lagBound({ ...open, perSecond: 8_000 })).toMatchObject({ reason: "link_slow" });
});

test("readers of a small budget that is hardly used may be behind by a tenth of what is free [U-7]", () => {
  const open = { ...WIDE, allowance: allowing(13, 24_500_000) };

  expect(lagBound(open)).toMatchObject({ maxBytes: 2_450_000, keptBytes: 2_450_000 });
});
