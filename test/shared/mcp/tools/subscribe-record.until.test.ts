import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import type { JsonValue } from "#shared/json/json.ts";
import { err, ok } from "#shared/result.ts";
import { every, fakeInstance } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

function subscribe(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "subscribe_record", { record_name: "sensor.temp", ...args });
}

/** A sample every `stepMs`, for as long as anybody waits. */
function moving(stepMs: number, count: number, valueOf: (n: number) => JsonValue): FakeFleet {
  const timelines = new Map([["sensor.temp", every(stepMs, 1, count, valueOf)]]);
  return new FakeFleet([fakeInstance("gw-1/plant", ["sensor.temp"], { timelines })]);
}

function silent(): FakeFleet {
  const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);
  fleet.batch = ok({});
  return fleet;
}

/** Half a degree a second from 21, for as long as anybody waits. */
function warming(): FakeFleet {
  const timelines = new Map([
    ["sensor.temp", every(1_000, -5, 300, (n) => ({ celsius: 21 + n / 2, state: "on" }))],
  ]);
  return new FakeFleet([fakeInstance("gw-1/plant", ["sensor.temp"], { timelines })]);
}

describe("subscribe_record with until", () => {
  test("ends at the first event that meets it, and names it", async () => {
    const fleet = warming();

    const { json } = await subscribe(fleet, { until: "celsius > 25", duration_seconds: 60 });

    expect(json.until).toEqual({
      condition: "celsius > 25",
      met: true,
      event: {
        sequence: 15,
        timestamp: "2026-11-20T10:00:09.000Z",
        value: { celsius: 25.5, state: "on" },
      },
      checked_events: 9,
    });
    expect(json.events_not_shown).toBeUndefined();
    expect(json.complete).toBe(true);
    expect(json.next).toBeUndefined();
    expect(json.events.at(-1).value.celsius).toBeGreaterThanOrEqual(25.5);
    expect(fleet.asked.at(-1)).toEqual({ unsubscribe: "gw-1.handle" });
    const again = await subscribe(fleet, { subscription_id: json.subscription_id });
    expect(again.json.error.code).toBe("unknown_subscription");
  });

  test("says that it was not met, over a call and its continuation, without a gap", async () => {
    const fleet = warming();
    const until = 'state == "off"';

    const first = (await subscribe(fleet, { until, duration_seconds: 30 })).json;
    const { subscription_id } = first;
    const second = (await subscribe(fleet, { until, subscription_id })).json;

    expect(first).toMatchObject({
      until: { met: false, checked_events: 25 },
      complete: false,
      next: expect.stringContaining("the same until"),
    });
    expect(second).toMatchObject({ until: { met: false, checked_events: 5 }, complete: true });
    const sequences = [...first.events, ...second.events].map(({ sequence }) => sequence);
    expect(sequences).toEqual(Array.from({ length: 30 }, (_, i) => 7 + i));
  });

  test.each([
    ["celsius > 20", { meets: true }],
    ["celsius > 25", { meets: false }],
    ["celcius > 0", { meets: false, has_fields: ["celsius"] }],
  ])("where nothing changes, says whether the present value meets %s", async (until, check) => {
    const { json } = await subscribe(silent(), { until });

    expect(json.events).toEqual([]);
    expect(json.until).toEqual({
      condition: until,
      met: false,
      checked_events: 0,
      present: { value: { celsius: 21.5 }, age_ms: 1_201, ...check },
    });
  });

  test("says of how many events it could not be checked", async () => {
    const { json } = await subscribe(warming(), { until: "kelvin > 0" });

    expect(json.until).toMatchObject({
      met: false,
      checked_events: 0,
      not_checkable: 2,
      note: expect.stringContaining("query_schema"),
    });
  });

  test("of a field that the first events lack ends the call, and names what they have instead", async () => {
    const fleet = warming();

    const { json } = await subscribe(fleet, { until: "celcius > 25", duration_seconds: 60 });

    expect(json.until).toMatchObject({ met: false, checked_events: 0, has_fields: ["celsius"] });
    expect(json.until.not_checkable).toBeLessThan(5);
    expect(json).toMatchObject({ complete: false, next: expect.stringContaining("again") });
  });

  test("names the first fields where none is like the one asked for", async () => {
    const { json } = await subscribe(warming(), { until: "pressure > 1" });

    expect(json.until.has_fields).toEqual(["celsius", "state"]);
  });

  test("of a field that is not always there waits for it in a call that continues", async () => {
    const fleet = moving(1_000, 300, (n) =>
      n < 30 ? { celsius: n } : { celsius: n, fault: "hot" },
    );
    const until = 'fault == "hot"';

    const { subscription_id } = (await subscribe(fleet, { until, duration_seconds: 60 })).json;
    const continued = [
      (await subscribe(fleet, { until, subscription_id })).json.until,
      (await subscribe(fleet, { until, subscription_id })).json.until,
    ];

    expect(continued[0].not_checkable).toBeGreaterThan(20);
    expect(continued[1]).toMatchObject({ met: true, event: { value: { fault: "hot" } } });
  });

  test("that can't be read opens nothing and says how to write it", async () => {
    const fleet = warming();

    const { json } = await subscribe(fleet, { until: "process.exit()" });

    expect(json.error.code).toBe("invalid_input");
    expect(json.error.message).toContain("celsius > 25");
    expect(fleet.asked).toEqual([]);
  });

  test("keeps what had come where the link breaks between two reads", async () => {
    const fleet = warming();
    const read = fleet.readSubscription.bind(fleet);
    let reads = 0;
    fleet.readSubscription = async (id, options) => {
      reads += 1;
      return reads < 3 ? read(id, options) : err(failure("link_lost", "Gone."));
    };

    const { isError, json } = await subscribe(fleet, { until: "celsius > 99" });

    expect(isError).toBe(false);
    expect(json.events).toHaveLength(5);
    expect(json).toMatchObject({ complete: false, interrupted: { code: "link_lost" } });
  });
});

/** 200 a second, from 0 up. */
function fast(): FakeFleet {
  return moving(5, 20_000, (n) => ({ bar: n }));
}

function readsOf({ asked }: FakeFleet): unknown[] {
  return asked.filter((one) => typeof one === "object" && one !== null && "read" in one);
}

describe("subscribe_record with until on a fast record", () => {
  test("checks every sample of the call, and shows the newest that fit", async () => {
    const fleet = fast();

    const { json, text } = await subscribe(fleet, { until: "bar < 0" });

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
    expect(json).toMatchObject({
      until: { met: false, checked_events: 5_000 },
      stats: { bar: { count: 5_000, min: 1, max: 5_000, trend_per_minute: 12_000 } },
      checked_from: "2026-11-20T10:00:00.005Z",
      checked_to: "2026-11-20T10:00:25.000Z",
      note: expect.stringContaining("not lost"),
      dropped_events: 0,
      complete: false,
    });
    expect(json.gaps).toBeUndefined();
    expect(json.events.length).toBeGreaterThan(40);
    expect(json.events.length + json.events_not_shown).toBe(5_000);
    expect(json.events.at(-1).sequence).toBe(5_000);
    expect(readsOf(fleet).length).toBeLessThanOrEqual(15);
    expect(json.next).not.toContain("bucket_seconds");
  });

  test("needs three calls for a minute, in which no sample is left out or checked twice", async () => {
    const fleet = fast();
    const until = "bar < 0";

    const first = (await subscribe(fleet, { until, duration_seconds: 60 })).json;
    const { subscription_id } = first;
    const second = (await subscribe(fleet, { until, subscription_id })).json;
    const third = (await subscribe(fleet, { until, subscription_id })).json;

    const checks = [first, second, third].map((json) => json.until.checked_events);
    expect(checks).toEqual([5_000, 5_000, 2_000]);
    expect(second.stats.bar).toMatchObject({ min: 5_001, max: 10_000 });
    expect(third).toMatchObject({ complete: true, stats: { bar: { max: 12_000 } } });
  });

  test("ends with the sample that met it, in the middle of what came at once", async () => {
    const fleet = fast();

    const { json, text } = await subscribe(fleet, { until: "bar >= 2345" });

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
    expect(json).toMatchObject({
      until: {
        met: true,
        event: { sequence: 2_345, value: { bar: 2_345 } },
        checked_events: 2_345,
      },
      complete: true,
      next_cursor: null,
    });
    const { count } = json.stats.bar;
    expect(json.events.at(-1).sequence).toBe(2_345);
    expect(count).toBeGreaterThan(2_345);
    expect(json.events.length + json.events_not_shown).toBe(count);
    expect(fleet.asked.at(-1)).toEqual({ unsubscribe: "gw-1.handle" });
  });

  test("answers again from the cursor of the answer before, if its own was lost", async () => {
    const fleet = fast();
    const until = "bar == 7000";
    const { subscription_id, next_cursor: cursor } = (await subscribe(fleet, { until })).json;

    await subscribe(fleet, { until: "bar < 0", subscription_id, cursor });
    const again = (await subscribe(fleet, { until, subscription_id, cursor })).json;

    expect(again).toMatchObject({
      until: { met: true, event: { sequence: 7_000 }, checked_events: 2_000 },
      checked_from: "2026-11-20T10:00:25.005Z",
    });
  });

  test("tells the samples that are missing from those that are not shown", async () => {
    const fleet = fast();
    const read = fleet.readSubscription.bind(fleet);
    fleet.readSubscription = async (id, options) => {
      const batch = await read(id, options);
      const gaps = [{ reason: "lost_at_host", missed: 3 }] as const;
      return batch.ok ? ok({ ...batch.value, gaps }) : batch;
    };

    const { json } = await subscribe(fleet, { until: "bar < 0", max_events: 1_500 });

    expect(json.dropped_events).toBe(3 * readsOf(fleet).length);
    expect(json.events.length + json.events_not_shown).toBe(1_500);
    expect(json.until.checked_events).toBe(1_500);
  });

  test("ends its call after forty reads, and goes on from there", async () => {
    const fleet = moving(1, 50_000, (n) => ({ n, text: "x".repeat(2_000) }));

    const first = (await subscribe(fleet, { until: "n < 0" })).json;
    const { subscription_id } = first;
    const second = (await subscribe(fleet, { until: "n < 0", subscription_id })).json;

    expect(first.complete).toBe(false);
    expect(readsOf(fleet)).toHaveLength(80);
    expect(second.stats.n.min).toBe(first.stats.n.max + 1);
  });

  test("shows one sample, cut, where none fits", async () => {
    const fleet = moving(100, 300, (n) => ({ n, text: "x".repeat(3_000) }));

    const { json } = await subscribe(fleet, { until: "n < 0", max_events: 5, max_bytes: 2_000 });

    expect(json.events).toMatchObject([{ sequence: 5, value: null, value_truncated: {} }]);
    expect(json.events_not_shown).toBe(4);
  });

  test("keeps what it had checked where the call is cancelled", async () => {
    const fleet = fast();
    const read = fleet.readSubscription.bind(fleet);
    fleet.readSubscription = async (id, options) =>
      readsOf(fleet).length < 3 ? read(id, options) : err(failure("cancelled", "Gone."));

    const { json } = await subscribe(fleet, { until: "bar < 0" });

    expect(json).toMatchObject({ until: { checked_events: 1_500 }, interrupted: {} });
    expect(fleet.asked.at(-1)).toEqual({ unsubscribe: "gw-1.handle" });
  });
});
