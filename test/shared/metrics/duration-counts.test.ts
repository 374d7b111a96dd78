import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  addDurations,
  DURATION_BOUNDS_S,
  durationCountsSchema,
  noDurations,
  noteDuration,
} from "#shared/metrics/duration-counts.ts";

function counted(...durationsMs: number[]) {
  const durations = noDurations();
  for (const ms of durationsMs) noteDuration(durations, ms);
  return durations;
}

test("a duration is counted in the first step whose bound it does not pass", () => {
  const { counts, sumMs } = counted(2, 2.1, 30_000, 30_001);

  expect(counts[0]).toBe(1);
  expect(counts[1]).toBe(1);
  expect(counts.at(-2)).toBe(1);
  expect(counts.at(-1)).toBe(1);
  expect(sumMs).toBe(60_005.1);
});

test("adding up is counting together, and every duration is counted once", () => {
  const durations = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }));
  fc.assert(
    fc.property(durations, durations, (some, others) => {
      const sum = addDurations(counted(...some), counted(...others));

      expect(sum.counts).toEqual(counted(...some, ...others).counts);
      expect(sum.counts.reduce((a, b) => a + b, 0)).toBe(some.length + others.length);
      expect(durationCountsSchema.safeParse(sum).success).toBe(true);
    }),
  );
});

test("the bounds rise", () => {
  expect(DURATION_BOUNDS_S).toEqual([...DURATION_BOUNDS_S].toSorted((a, b) => a - b));
});
