import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TimedSample } from "#shared/fleet/fleet.ts";
import type { JsonValue } from "#shared/json/json.ts";
import { Plot, seriesOf } from "../../../worker/dashboard/plot.tsx";

function samplesOf(values: readonly JsonValue[]): TimedSample[] {
  return values.map((value, at) => ({
    value,
    timestamp: new Date(at * 1_000).toISOString(),
    timeSource: "observed",
    ageMs: 0,
    sequence: at,
    epoch: "e",
  }));
}

async function svgOf(values: readonly JsonValue[]): Promise<string[]> {
  return Promise.all(
    seriesOf(samplesOf(values)).map(async (series) => String(await Plot({ series }))),
  );
}

describe("a plot", () => {
  test("is drawn for each number in the value, and for nothing else", async () => {
    const plots = await svgOf([
      { celsius: 1, unit: "C", motor: { rpm: 10 } },
      { celsius: 2, unit: "C", motor: { rpm: 20 } },
    ]);

    expect(plots).toHaveLength(2);
    expect(plots[0]).toContain('points="6.0,114.0 594.0,6.0"');
    expect(plots[1]).toContain("motor.rpm: 10 to 20 over 1 s");
  });

  test("of a constant number is a line through the middle", async () => {
    expect((await svgOf([5, 5]))[0]).toContain('points="6.0,60.0 594.0,60.0"');
  });

  test("is not drawn for times, which only grow", async () => {
    expect(await svgOf([1.7e12, 1.7e12 + 1])).toEqual([]);
  });

  test("is not drawn for a single sample", async () => {
    expect(await svgOf([5])).toEqual([]);
  });

  test("stays within its frame, whatever the numbers", async () => {
    const number = fc.double({ noNaN: true, min: -1e300, max: 1e10 });
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 2, maxLength: 20 }), async (values) => {
        const [plot = ""] = await svgOf(values);
        const points = (/points="([^"]*)"/.exec(plot)?.[1] ?? "").split(" ");
        const numbers = points.flatMap((point) => point.split(",").map(Number));

        expect(points).toHaveLength(values.length);
        expect(numbers.every((at) => at >= 0 && at <= 600)).toBe(true);
      }),
    );
  });
});
