import { describe, expect, test } from "vitest";
import { readEvents } from "#shared/mcp/asking/read-events.ts";
import type { Result } from "#shared/result.ts";
import { every, fakeInstance } from "../support/builders.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

/** Ten values of 300 bytes a second. */
async function subscribed(): Promise<{ fleet: FakeFleet; id: string }> {
  const value = { text: "x".repeat(300) };
  const timelines = new Map([["sensor.temp", every(100, 1, 300, () => value)]]);
  const fleet = new FakeFleet([fakeInstance("gw-1/plant", ["sensor.temp"], { timelines })]);
  const request = { record: "sensor.temp", durationMs: 60_000, maxEvents: undefined };
  const { id } = valueOf(await fleet.subscribe({ instance: "gw-1/plant", ...request }));
  return { fleet, id };
}

function valueOf<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error("It failed.");
  return result.value;
}

describe("readEvents() without a condition", () => {
  test("reads once where nobody is told of progress", async () => {
    const { fleet, id } = await subscribed();
    const options = {
      after: undefined,
      condition: undefined,
      endsInVain: false,
      progress: undefined,
    };

    const { run } = valueOf(await readEvents(fleet, id, { ...options, maxBytes: 5_000 }));

    expect(fleet.asked.slice(-1)).toEqual([
      { read: id, after: undefined, waitMs: 25_000, maxBytes: 5_000 },
    ]);
    expect(run.count).toBe(10);
  });

  test("tells of progress in between, and stops where the answer is full", async () => {
    const { fleet, id } = await subscribed();
    const told: string[] = [];
    const progress = (message: string) => void told.push(message);
    const options = { after: undefined, condition: undefined, endsInVain: false, progress };

    const { run } = valueOf(await readEvents(fleet, id, { ...options, maxBytes: 20_000 }));

    expect(told).toEqual(["25 events so far.", "44 events so far."]);
    expect(run.samples).toHaveLength(run.count);
    expect(run.count).toBeGreaterThan(40);
    expect(run.count).toBeLessThan(50);
    expect(run.samples.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: run.count }, (_, i) => i + 1),
    );
    expect(run.next).toBe(String(run.count));
  });
});
