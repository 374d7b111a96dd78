import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { MAX_TRACE_POINTS } from "#shared/link/methods/record-get.ts";
import { traceOf } from "../../../../relay/instances/observing/trace.ts";
import type { StoredSample } from "../../../../relay/store/stored-sample.ts";

function samplesOf(values: readonly JsonValue[]): StoredSample[] {
  return values.map((value, at) => ({
    value,
    atMs: at * 100,
    timeSource: "observed",
    missed: 0,
    sequence: at + 1,
    epoch: "e.0",
    bytes: 1,
  }));
}

describe("the trace of a record [Q-5]", () => {
  test("is of the first number that is no time", () => {
    const values = [1, 2].map((celsius) => ({
      at: 1_795_651_361_754,
      unit: "C",
      celsius,
      more: 9,
    }));

    expect(traceOf(samplesOf(values), 10)).toEqual({
      field: "celsius",
      points: [
        { atMs: 0, value: 1 },
        { atMs: 100, value: 2 },
      ],
    });
  });

  test("leaves out samples that lack the number", () => {
    expect(traceOf(samplesOf([1, "off", null, 4]), 10)?.points.map(({ value }) => value)).toEqual([
      1, 4,
    ]);
  });

  test.each<[JsonValue[]]>([[[]], [[1]], [["a", "b"]], [["a", 1]], [[1, "a"]]])(
    "of %j there is none",
    (values) => {
      expect(traceOf(samplesOf(values), 10)).toBeUndefined();
    },
  );

  test("has at most the points asked for, in order, evenly, the newest the last", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 500 }),
        fc.integer({ min: 2, max: MAX_TRACE_POINTS }),
        (count, maxPoints) => {
          const values = Array.from({ length: count }, (_, at) => at);
          const points = traceOf(samplesOf(values), maxPoints)?.points ?? [];
          const at = points.map(({ value }) => value);

          expect(at.length).toBe(Math.min(count, maxPoints));
          expect(at.at(-1)).toBe(count - 1);
          const steps = at.slice(1).map((value, i) => value - (at[i] ?? 0));
          expect(Math.min(...steps)).toBeGreaterThan(0);
          expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
