import { expect, test } from "vitest";
import { MinuteLimits } from "../../../worker/http/minute-limits.ts";

const MINUTE_MS = 60_000;

test("MinuteLimits admits a number per minute, separately for each key", () => {
  const limit = new MinuteLimits(2);
  const takes = ["a", "a", "a", "b"].map((key) => limit.take(key, 10 * MINUTE_MS + 15_000));

  expect(takes).toEqual([0, 0, 45, 0]);
});

test("MinuteLimits starts over with the next minute", () => {
  const limit = new MinuteLimits(1);
  limit.take("a", 0);

  expect(limit.take("a", MINUTE_MS - 1)).toBe(1);
  expect(limit.take("a", MINUTE_MS)).toBe(0);
});

test("MinuteLimits holds no more keys than it has room for", () => {
  const limit = new MinuteLimits(1);
  for (let i = 0; i <= 10_000; i += 1) limit.take(String(i), 0);

  expect(limit.take("0", 0)).toBe(0);
});

test("MinuteLimits keeps counting a key that keeps asking, however many others come", () => {
  const limit = new MinuteLimits(1);
  const waits = [];
  for (let i = 0; i < 30_000; i += 1) {
    limit.take(String(i), 0);
    if (i % 5_000 === 0) waits.push(limit.take("a", 0));
  }

  expect(waits).toEqual([0, 60, 60, 60, 60, 60]);
});
