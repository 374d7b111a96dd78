import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TimedSample } from "#shared/fleet/fleet.ts";
import { byteLength } from "#shared/mcp/answers/fit.ts";
import { SampleStats } from "#shared/mcp/findings/sample-stats.ts";
import { timedSample } from "../support/builders.ts";

const START_MS = Date.parse("2026-11-20T10:00:00Z");

function samplesOf(values: readonly unknown[], stepMs = 1_000) {
  return values.map((value, i) =>
    timedSample({
      value: JSON.parse(JSON.stringify(value)),
      timestamp: new Date(START_MS + i * stepMs).toISOString(),
    }),
  );
}

function statsOf(
  samples: readonly TimedSample[],
  maxBytes: number,
): Record<string, Record<string, number>> {
  const stats = new SampleStats();
  stats.add(samples);
  return JSON.parse(JSON.stringify(stats.shown(maxBytes).stats ?? {}));
}

describe("SampleStats", () => {
  test("says what each number did", () => {
    const stats = statsOf(samplesOf([{ a: 3, b: 1 }, { a: 1 }, { a: 2 }], 30_000), 10_000);

    expect(stats).toEqual({
      a: {
        count: 3,
        min: 1,
        min_at: "2026-11-20T10:00:30.000Z",
        max: 3,
        max_at: "2026-11-20T10:00:00.000Z",
        mean: 2,
        trend_per_minute: -1,
      },
      b: expect.objectContaining({ count: 1, min: 1, max: 1, mean: 1, trend_per_minute: null }),
    });
  });

  test.each([
    { name: "no span of time", samples: samplesOf([1, 2], 0) },
    {
      name: "a time that is none",
      samples: [timedSample({ value: 1, timestamp: "x" }), timedSample({ value: 2 })],
    },
  ])("has no trend where there is $name", ({ samples }) => {
    expect(statsOf(samples, 1_000)["."]).toMatchObject({ count: 2, trend_per_minute: null });
  });

  test("leaves out Unix times, but not counts as large as those", () => {
    const at = START_MS;
    const values = [0, 1].map((i) => ({
      at_ms: at + i,
      taken: { timestamp: at / 1_000 + i, ns: at * 1e6 },
      bytes: at / 1_000 + i,
    }));

    expect(Object.keys(statsOf(samplesOf(values), 10_000))).toEqual(["bytes"]);
  });

  test("shows f32 numbers as the device meant them", () => {
    expect(statsOf(samplesOf([21.700000762939453]), 1_000)["."]).toMatchObject({
      min: 21.7,
      mean: 21.7,
    });
  });

  test.each([
    [{ a: 1, b: 2, c: 3 }, 250, "2 fields"],
    [{ a: 1, b: 2, c: 3 }, 100, "3 fields"],
    [Array.from({ length: 60 }, (_, i) => i), 1_000, "43 fields or more"],
    [{ a: 1, b: 2, c: 3 }, 1_000, undefined],
  ])("says how many fields of %j do not fit in %i bytes", (value, maxBytes, left) => {
    const stats = new SampleStats();

    stats.add(samplesOf([value]));

    expect(stats.shown(maxBytes)["stats_left_out"]).toBe(left);
  });

  test("looks at so many fields, however many others each sample has", () => {
    const values = Array.from({ length: 100 }, (_, i) => ({ [`a${i}`]: 1, [`b${i}`]: 1, c: i }));
    const stats = new SampleStats();

    for (const sample of [...samplesOf(values), ...samplesOf(values)]) stats.add([sample]);

    const shown = stats.shown(100_000);
    expect(Object.keys(shown["stats"] ?? {})).toHaveLength(200);
    expect(shown["stats"]).toMatchObject({ c: { count: 200, min: 0, max: 99, mean: 49.5 } });
  });

  test("is nothing without numbers", () => {
    expect(statsOf([], 1_000)).toEqual({});
    expect(statsOf(samplesOf(["a", null]), 1_000)).toEqual({});
  });

  test("has mean and extremes in order and keeps its size, whatever the numbers", () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(value), fc.integer({ min: 2, max: 3_000 }), (values, maxBytes) => {
        const stats = statsOf(samplesOf(values), maxBytes);
        expect(byteLength(stats)).toBeLessThanOrEqual(maxBytes + 2);
        for (const { min, max, mean } of Object.values(stats)) {
          expect(min).toBeLessThanOrEqual(max ?? Number.NaN);
          expect(mean).toEqual(expect.any(Number));
        }
      }),
    );
  });
});
