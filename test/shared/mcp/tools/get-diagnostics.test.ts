import { describe, expect, test } from "vitest";
import { fakeInstance } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";
import { DIAGNOSTICS, plant } from "../support/plant.ts";

function diagnose(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "get_diagnostics", { ...args });
}

describe("get_diagnostics", () => {
  test("has counters and stage times, and names the bottleneck", async () => {
    const { isError, json } = await diagnose(new FakeFleet([plant()]));

    expect(isError).toBe(false);
    expect(json).toMatchObject({
      has_metrics: true,
      has_profiling: true,
      bottleneck: {
        record_name: "server::Temperature",
        stage_type: "tap",
        why: expect.stringContaining("100 ms a call"),
      },
      relay: DIAGNOSTICS.relay,
      total: 5,
      next_cursor: null,
    });
    expect(json.how_to_enable).toBeUndefined();
    expect(json.bottleneck_among).toBeUndefined();
    expect(json.records[2]).toMatchObject({
      record_name: "server::UserEvents",
      produced_count: 120,
      dropped_count: 4,
      occupancy: { items: 73, capacity: 100, percent: 73 },
    });
    expect(json.records[0].stages).toHaveLength(3);
  });

  test("says plainly that a host was built without, and which feature it takes", async () => {
    const { isError, json } = await diagnose(new FakeFleet([fakeInstance("gw-1/plant")]));

    expect(isError).toBe(false);
    expect(json).toMatchObject({
      has_metrics: false,
      has_profiling: false,
      how_to_enable: expect.stringMatching(/metrics and profiling.*observability/),
      bottleneck: null,
      records: [{ produced_count: null, dropped_count: null, occupancy: null, stages: null }],
    });
  });

  test("has occupancy of queues only: a single-latest is full whenever nobody has looked", async () => {
    const { json } = await diagnose(new FakeFleet([plant()]), { record_name: "server::Config" });

    expect(json.records[0]).toMatchObject({ buffer_type: "single_latest", occupancy: null });
  });

  test("is of one record at the caller's wish", async () => {
    const { json } = await diagnose(new FakeFleet([plant()]), { record_name: "server::Config" });

    expect(json.records).toHaveLength(1);
    expect(json.bottleneck).toBeNull();
  });

  test("reaches each of 300 records once by its cursors", async () => {
    const keys = Array.from({ length: 300 }, (_, i) => `line.${i}`);
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", keys)]);
    const seen: string[] = [];
    let cursor: string | null = "0";
    while (cursor !== null) {
      const { json, text } = await diagnose(fleet, { cursor });
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
      expect(json.bottleneck_among).toMatch(/ of 300 records$/);
      seen.push(...json.records.map((row: { record_name: string }) => row.record_name));
      cursor = json.next_cursor;
    }

    expect(seen).toEqual(keys);
  });

  test("shows a device's names without hidden characters, and long stages not at all", async () => {
    const row = {
      record_key: "\u202e",
      type_name: "\u200b",
      buffer_type: "none",
      stage_profiling: [{ "\u202e": 1 }, "x".repeat(1_000)],
      kept_samples: 0,
      kept_bytes: 0,
    } as const;
    const diagnostics = {
      ...DIAGNOSTICS,
      records: [{ ...row, stage_profiling: [...row.stage_profiling] }],
    };
    const { json } = await diagnose(
      new FakeFleet([fakeInstance("gw-1/plant", [], { diagnostics })]),
    );

    expect(json.records[0]).toMatchObject({
      record_name: "\\u{202e}",
      type_name: "\\u{200b}",
      stages: [{ "\\u{202e}": 1 }, "(too long to show)"],
    });
  });
});
