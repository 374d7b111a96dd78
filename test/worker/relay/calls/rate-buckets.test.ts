import { expect, test } from "vitest";
import { RateBuckets } from "../../../../worker/relay/calls/rate-buckets.ts";

test("each has a rate of its own, and a new one if its limit has changed", () => {
  const buckets = new RateBuckets();
  const take = (name: string, perMinute: number) => buckets.of(name, perMinute, 0).take(0);

  expect([take("ann", 1), take("ann", 1), take("bob", 1)]).toEqual([0, 60_000, 0]);
  expect([take("ann", 2), take("ann", 2), take("ann", 2)]).toEqual([0, 0, 30_000]);
});

test("of a thousand and one, the one used longest ago is forgotten, and no other", () => {
  const buckets = new RateBuckets();
  const take = (n: number) => buckets.of(`principal-${n}`, 1, 0).take(0);
  for (let n = 0; n < 1_000; n += 1) take(n);
  take(0);

  expect(take(1_000)).toBe(0);

  expect([take(0), take(2), take(1_000), take(1)]).toEqual([60_000, 60_000, 60_000, 0]);
});
