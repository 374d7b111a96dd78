import { describe, expect, test } from "vitest";
import type { History } from "#shared/fleet/fleet.ts";
import { ok } from "#shared/result.ts";
import { every, fakeInstance, timedSample } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

function query(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "query_history", { record_name: "sensor.temp", ...args });
}

/** An hour of one sample a second, as an even ramp. */
function hour(): FakeFleet {
  const timelines = new Map([["sensor.temp", every(1_000, -3_599, 0, (n) => ({ n }))]]);
  return new FakeFleet([fakeInstance("gw-1/plant", ["sensor.temp"], { timelines })]);
}

function playing(change: Partial<History>): FakeFleet {
  const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);
  fleet.historyAnswer = ok({
    recordKey: "sensor.temp",
    loss: "counted",
    source: "host",
    samples: [timedSample()],
    total: 1,
    isTotalExact: true,
    gaps: [],
    oldest: "2026-11-20T09:00:00.000Z",
    ...change,
  });
  return fleet;
}

describe("query_history", () => {
  test("gives the samples of a span, oldest first, and says where they come from", async () => {
    const { isError, json } = await query(hour(), { last_seconds: 3 });

    expect(isError).toBe(false);
    expect(json).toEqual({
      instance: "gw-1/plant",
      record_name: "sensor.temp",
      samples: [-3, -2, -1, 0].map((n) => ({
        sequence: 3_600 + n,
        timestamp: new Date(Date.parse("2026-11-20T10:00:00Z") + n * 1_000).toISOString(),
        timestamp_source: "observed",
        value: { n },
      })),
      total: 4,
      not_shown: 0,
      completeness: {
        source: "relay",
        source_is: expect.stringContaining("relay kept"),
        oldest_kept: "2026-11-20T09:00:01.000Z",
        covers_start: true,
        dropped_events: 0,
        loss: "counted",
        no_persistence: "The host has no persistence.",
      },
    });
  });

  test("takes a span between two times", async () => {
    const { json } = await query(hour(), {
      from: "2026-11-20T09:30:00Z",
      to: "2026-11-20T09:30:02Z",
    });

    expect(json.samples.map(({ value }: { value: { n: number } }) => value.n)).toEqual([
      -1_800, -1_799, -1_798,
    ]);
  });

  test("groups a long span", async () => {
    const { json } = await query(hour(), { bucket_seconds: 600 });

    expect(json.samples).toBeUndefined();
    expect(json.buckets[1]).toEqual({
      timestamp: "2026-11-20T09:10:00.000Z",
      count: 600,
      fields: { n: { min: -3_000, max: -2_401, mean: -2_700.5, last: -2_401 } },
    });
    expect(json.total).toBe(3_600);
    expect(json.not_shown).toBe(0);
  });

  test("says why its buckets are empty where samples hold no number", async () => {
    const timestamp = "2026-11-20T09:10:00.000Z";
    const fleet = playing({ samples: [], buckets: [{ timestamp, count: 60, fields: {} }] });

    const { json } = await query(fleet, { bucket_seconds: 600 });

    expect(json).toMatchObject({
      buckets: [{ timestamp, count: 60, fields: {} }],
      note: expect.stringContaining("leave out bucket_seconds"),
    });
    expect((await query(hour(), { bucket_seconds: 600 })).json).not.toHaveProperty("note");
  });

  test("shows the newest that fit, and each earlier one by its advice", async () => {
    const fleet = hour();
    const seen = new Set<number>();
    let to: string | undefined;
    for (let call = 0; call < 200 && seen.size < 3_600; call += 1) {
      const { json, text } = await query(fleet, { max_points: 2_000, max_bytes: 48_000, to });
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(48_000);
      for (const { value } of json.samples) seen.add(value.n);
      expect(json.not_shown).toBe(json.total - json.samples.length);
      [, to] = /call again with to = (\S+)\. /.exec(json.next ?? "") ?? [];
    }

    expect(seen.size).toBe(3_600);
  });

  test("gives no more points than asked for, and fits by default", async () => {
    expect((await query(hour(), { max_points: 5 })).json.samples).toHaveLength(5);
    const { json, text } = await query(hour());
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
    expect(json.samples.at(-1).value).toEqual({ n: 0 });
    expect(json.samples.length).toBeGreaterThan(50);
  });

  test("says that nothing older is kept than the span begins", async () => {
    const { json } = await query(hour(), { last_seconds: 7_200, bucket_seconds: 3_600 });

    expect(json.completeness).toMatchObject({
      covers_start: false,
      oldest_kept: "2026-11-20T09:00:01.000Z",
    });
  });

  test("names gaps, and losses that can't be seen", async () => {
    const gaps = [{ reason: "host_reconnected", missed: null }] as const;

    expect((await query(playing({ gaps }))).json.completeness).toMatchObject({
      source: "host",
      dropped_events: null,
      gaps: [{ reason: "host_reconnected", missed: null }],
    });
    expect((await query(playing({ loss: "not_visible" }))).json.completeness).toMatchObject({
      dropped_events: null,
      loss: "not_visible",
    });
  });

  test("says that there may be more than were counted", async () => {
    const { json } = await query(playing({ isTotalExact: false, oldest: null }));

    expect(json).toMatchObject({ total: 1, total_is: "at_least", next: expect.any(String) });
  });

  test("is empty where nothing is kept", async () => {
    const nothing = { samples: [], total: 0, oldest: null, source: "relay" } as const;
    const { isError, json } = await query(playing(nothing), { last_seconds: 60 });

    expect(isError).toBe(false);
    expect(json).toMatchObject({
      samples: [],
      total: 0,
      completeness: { oldest_kept: null, covers_start: false },
    });
  });

  test("does not say that a host reaches back, nor that it does not, where it was not asked", async () => {
    const { json } = await query(playing({ oldest: null }), { last_seconds: 60 });

    expect(json.completeness).toMatchObject({ oldest_kept: null, covers_start: null });
  });

  test.each([
    { args: { from: "now", max_points: 5 }, message: "ISO-8601" },
    { args: { from: "2026-11-20T09:00:00Z", last_seconds: 5 }, message: "not both" },
    { args: { max_points: 2_001 }, message: "max_points: must be at most 2000" },
    { args: { last_seconds: 0 }, message: "last_seconds: must be at least 1" },
    { args: { bucket_seconds: 0 }, message: "bucket_seconds: must be at least 0.001" },
  ])("refuses $args before anything is asked", async ({ args, message }) => {
    const fleet = hour();
    const { json } = await query(fleet, args);

    expect(json.error).toMatchObject({ code: "invalid_input" });
    expect(json.error.message).toContain(message);
    expect(fleet.asked).toEqual([]);
  });

  test("answers for each instance that has the record", async () => {
    const timelines = new Map([["sensor.temp", every(1_000, -3, 0, (n) => n)]]);
    const plants = ["gw-1/plant", "gw-2/plant"].map((id) =>
      fakeInstance(id, ["sensor.temp"], { timelines }),
    );

    expect((await query(new FakeFleet(plants))).json).toMatchObject({
      results: [{ total: 4 }, { total: 4 }],
      complete: true,
    });
  });
});
