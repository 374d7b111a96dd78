import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteLength } from "#shared/mcp/answers/fit.ts";
import { numericFields } from "#shared/numeric-fields.ts";
import { sampleStats } from "#shared/mcp/findings/sample-stats.ts";
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

describe("numericFields()", () => {
  test.each([
    [5, { ".": 5 }],
    [
      { a: 1, b: { c: 2 }, d: [3, "x", 4] },
      { a: 1, "b.c": 2, "d.0": 3, "d.2": 4 },
    ],
    [{ a: "1", b: null, c: true }, {}],
    ["text", {}],
    [null, {}],
  ])("finds those of %j", (value, fields) => {
    expect(Object.fromEntries(numericFields(value))).toEqual(fields);
  });

  test("ends, however wide or deep a device's value is", () => {
    let deep: object = { n: 1 };
    for (let i = 0; i < 100; i += 1) deep = { deep };

    expect(numericFields(JSON.parse(JSON.stringify(deep))).size).toBe(0);
    expect(numericFields(Array.from({ length: 10_000 }, (_, i) => i)).size).toBe(50);
  });
});

describe("sampleStats()", () => {
  test("says what each number did", () => {
    const stats = sampleStats(samplesOf([{ a: 3, b: 1 }, { a: 1 }, { a: 2 }], 30_000), 10_000);

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
    expect(sampleStats(samples, 1_000)["."]).toMatchObject({ count: 2, trend_per_minute: null });
  });

  test("leaves out Unix times, but not counts as large as those", () => {
    const at = START_MS;
    const values = [0, 1].map((i) => ({
      at_ms: at + i,
      taken: { timestamp: at / 1_000 + i, ns: at * 1e6 },
      bytes: at / 1_000 + i,
    }));

    expect(Object.keys(sampleStats(samplesOf(values), 10_000))).toEqual(["bytes"]);
  });

  test("shows f32 numbers as the device meant them", () => {
    expect(sampleStats(samplesOf([21.700000762939453]), 1_000)["."]).toMatchObject({
      min: 21.7,
      mean: 21.7,
    });
  });

  test("is nothing without numbers", () => {
    expect(sampleStats([], 1_000)).toEqual({});
    expect(sampleStats(samplesOf(["a", null]), 1_000)).toEqual({});
  });

  test("has mean and extremes in order and keeps its size, whatever the numbers", () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(value), fc.integer({ min: 2, max: 3_000 }), (values, maxBytes) => {
        const stats = JSON.parse(JSON.stringify(sampleStats(samplesOf(values), maxBytes)));
        expect(byteLength(stats)).toBeLessThanOrEqual(maxBytes + 2);
        for (const { min, max, mean } of Object.values<Record<string, number>>(stats)) {
          expect(min).toBeLessThanOrEqual(max ?? Number.NaN);
          expect(mean).toEqual(expect.any(Number));
        }
      }),
    );
  });
});
