import fc from "fast-check";
import { expect, test } from "vitest";
import { RateLimit } from "#shared/access/rate-limit.ts";

/** As monotonic clocks count, which know parts of a millisecond. */
const GAP = fc.oneof(fc.nat(30_000), fc.double({ min: 0, max: 100, noNaN: true }));

test("RateLimit lets a minute's calls pass at once, then none", () => {
  const limit = new RateLimit(3, 0);
  expect([1, 2, 3, 4].map(() => limit.take(0))).toEqual([0, 0, 0, 20_000]);
});

test("RateLimit takes calls that come together as one, and never more than it holds", () => {
  const limit = new RateLimit(3, 0);
  expect([limit.take(0, 2), limit.take(0, 2), limit.take(20_000, 2)]).toEqual([0, 20_000, 0]);
  expect(limit.take(80_000, 100)).toBe(0);
});

test("RateLimit has a call again that was given back, and never more than a minute's", () => {
  const limit = new RateLimit(2, 0);
  limit.giveBack();
  expect([1, 2, 3].map(() => limit.take(0))).toEqual([0, 0, 30_000]);

  limit.giveBack();
  expect([1, 2].map(() => limit.take(0))).toEqual([0, 30_000]);
});

test("RateLimit refills evenly", () => {
  const limit = new RateLimit(3, 0);
  for (let n = 0; n < 3; n += 1) limit.take(0);

  expect(limit.take(19_999)).toBeGreaterThan(0);
  expect(limit.take(20_001)).toBe(0);
  expect(limit.take(20_001)).toBeGreaterThan(19_000);
});

test("RateLimit does not save up more than a minute's calls", () => {
  const limit = new RateLimit(2, 0);
  const taken = [1, 2, 3].map(() => limit.take(3_600_000));
  expect(taken).toEqual([0, 0, 30_000]);
});

test("RateLimit does not count the calls that it refused", () => {
  const limit = new RateLimit(1, 0);
  limit.take(0);
  for (let n = 0; n < 50; n += 1) limit.take(30_000);
  expect(limit.take(60_000)).toBe(0);
});

test("RateLimit takes nothing away when the clock is set back", () => {
  const limit = new RateLimit(2, 3_600_000);
  limit.take(3_600_000);

  expect([limit.take(0), limit.take(0), limit.take(30_000)]).toEqual([0, 30_000, 0]);
});

test("RateLimit lets a call pass after the wait that it gave", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.array(GAP), (perMinute, gaps) => {
      const limit = new RateLimit(perMinute, 0);
      let nowMs = 0;
      const waited = gaps.map((gap) => {
        nowMs += gap;
        const waitMs = limit.take(nowMs);
        nowMs += waitMs;
        return waitMs === 0 ? 0 : limit.take(nowMs);
      });
      expect(waited.every((waitMs) => waitMs === 0)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test("RateLimit never lets more calls pass than a full bucket and its refill", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.nat(2_000)), (perMinute, gaps) => {
      const limit = new RateLimit(perMinute, 0);
      let nowMs = 0;
      const passed = gaps.filter((gap) => {
        nowMs += gap;
        return limit.take(nowMs) === 0;
      });
      expect(passed.length).toBeLessThanOrEqual(perMinute * (1 + nowMs / 60_000) + 1e-6);
    }),
  );
});
