import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs, HOST_BACKOFF, LINK_BACKOFF } from "../../relay/backoff.ts";

const ALMOST_ONE = 1 - Number.EPSILON;

test.each([
  [0, 500],
  [1, 1_000],
  [2, 2_000],
  [5, 16_000],
  [6, 30_000],
  [1_000, 30_000],
])("backoffMs of the link waits up to the bound of attempt %d, %d ms", (attempt, boundMs) => {
  expect(backoffMs(LINK_BACKOFF, attempt, ALMOST_ONE)).toBe(boundMs);
});

test("backoffMs spreads over everything from nothing to the bound", () => {
  expect(backoffMs(LINK_BACKOFF, 3, 0)).toBe(0);
  expect(backoffMs(LINK_BACKOFF, 3, 0.5)).toBe(2_000);
});

test("backoffMs never leaves its bounds", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.constantFrom(LINK_BACKOFF, HOST_BACKOFF), fc.nat(), random, (policy, n, r) => {
      const waitMs = backoffMs(policy, n, r);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(policy.maxMs);
    }),
  );
});
