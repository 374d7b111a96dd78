import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { Buckets, NewestSamples } from "../../../../relay/instances/reading/history-points.ts";
import type { ReadSample } from "../../../../relay/instances/reading/reading.ts";

const ROOM = { maxPoints: 1_000, maxBytes: 1e9 };

function sampleOf(value: JsonValue, atMs = 0): ReadSample {
  return { value, atMs, timeSource: "observed", sequence: 1, epoch: "p.0" };
}

const valuesOf = (samples: readonly ReadSample[]) => samples.map(({ value }) => value);

describe("NewestSamples", () => {
  test("gives the newest ones, oldest first [Q-13]", () => {
    const sink = new NewestSamples({ ...ROOM, maxPoints: 2 });
    expect([3, 2, 1].map((n) => sink.add(sampleOf(n)))).toEqual([true, true, false]);
    expect(valuesOf(sink.oldestFirst())).toEqual([2, 3]);
  });

  test("gives as many as fit, and one however large", () => {
    const sink = new NewestSamples({ ...ROOM, maxBytes: 400 });
    const large = sampleOf("x".repeat(1_000));
    expect([large, large].map((sample) => sink.add(sample))).toEqual([true, false]);

    const small = new NewestSamples({ ...ROOM, maxBytes: 400 });
    expect([1, 2, 3].map((n) => small.add(sampleOf(n)))).toEqual([true, true, false]);
  });
});

/** In whole steps of 10 ms before the end, newest first. */
const numbers = fc
  .array(fc.record({ value: fc.integer({ min: -1_000, max: 1_000 }), ageSteps: fc.nat(200) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((samples) => samples.toSorted((a, b) => a.ageSteps - b.ageSteps));

describe("Buckets", () => {
  test("have of each bucket what its samples have, whatever they are [Q-14]", () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 500 }), (samples, bucketMs) => {
        const endMs = 5_000;
        const sink = new Buckets({ endMs, bucketMs }, ROOM);
        const timed = samples.map(({ value, ageSteps }) => sampleOf(value, endMs - ageSteps * 10));
        for (const sample of timed) expect(sink.add(sample)).toBe(true);

        const buckets = sink.oldestFirst();

        expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(samples.length);
        for (const { fromMs, count, fields } of buckets) {
          const inside = timed.filter(({ atMs }) => atMs > fromMs && atMs <= fromMs + bucketMs);
          const values = inside.map(({ value }) => Number(value));
          expect((endMs - fromMs) % bucketMs).toBe(0);
          expect(count).toBe(inside.length);
          expect(fields.get(".")).toMatchObject({
            min: Math.min(...values),
            max: Math.max(...values),
            last: values[0],
          });
          expect(fields.get(".")?.mean).toBeCloseTo(
            values.reduce((sum, value) => sum + value, 0) / values.length,
          );
        }
        expect(buckets.map(({ fromMs }) => fromMs)).toEqual(
          buckets.map(({ fromMs }) => fromMs).toSorted((a, b) => a - b),
        );
      }),
    );
  });

  test("summarize each number of a value by its path, but none in a list and no time", () => {
    const sink = new Buckets({ endMs: 100, bucketMs: 100 }, ROOM);
    const times = { timestamp: 1_795_171_237_452, updated_at: 1_795_171_237 };
    sink.add(sampleOf({ a: 4, b: { c: 2.5, d: "x" }, list: [1, 2], ...times }, 90));
    sink.add(sampleOf({ a: 2, b: null }, 80));

    const [bucket, ...others] = sink.oldestFirst();

    expect(others).toEqual([]);
    expect(bucket).toMatchObject({ fromMs: 0, count: 2 });
    expect(Object.fromEntries(bucket?.fields ?? [])).toEqual({
      a: { min: 2, max: 4, mean: 3, last: 4 },
      "b.c": { min: 2.5, max: 2.5, mean: 2.5, last: 2.5 },
    });
  });

  test("show an f32 as the device meant it", () => {
    const sink = new Buckets({ endMs: 100, bucketMs: 100 }, ROOM);
    sink.add(sampleOf(Math.fround(21.7)));
    expect(sink.oldestFirst()[0]?.fields.get(".")).toEqual({
      min: 21.7,
      max: 21.7,
      mean: 21.7,
      last: 21.7,
    });
  });

  test("are the newest ones where not all fit [Q-13]", () => {
    const sink = new Buckets({ endMs: 100, bucketMs: 10 }, { ...ROOM, maxPoints: 2 });
    const taken = [95, 85, 86, 75].map((atMs) => sink.add(sampleOf(1, atMs)));
    expect(taken).toEqual([true, true, true, false]);
    expect(sink.oldestFirst().map(({ fromMs }) => fromMs)).toEqual([80, 90]);
  });

  test("stay within their bytes, however many fields there are", () => {
    const value = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`field${n}`, n]));
    const sink = new Buckets({ endMs: 1e6, bucketMs: 1 }, { maxPoints: 2_000, maxBytes: 20_000 });
    let count = 0;
    while (sink.add(sampleOf(value, 1e6 - count))) count += 1;
    const json = sink.oldestFirst().map(({ fields }) => Object.fromEntries(fields));
    expect(count).toBeGreaterThan(1);
    expect(JSON.stringify(json).length).toBeLessThan(30_000);
    expect(Object.keys(json[0] ?? {})).toHaveLength(50);
  });

  test("take a sample that is a little newer than the end into the last one", () => {
    const sink = new Buckets({ endMs: 100, bucketMs: 10 }, ROOM);
    sink.add(sampleOf(1, 101));
    expect(sink.oldestFirst()).toMatchObject([{ fromMs: 90, count: 1 }]);
  });
});
