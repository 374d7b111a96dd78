import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { err, ok } from "#shared/result.ts";
import type { SubscriptionBatch } from "#shared/fleet/fleet.ts";
import { every, fakeInstance, timedSample } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

function subscribe(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "subscribe_record", { record_name: "sensor.temp", ...args });
}

function plant(batch: Partial<SubscriptionBatch> = {}): FakeFleet {
  const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);
  fleet.batch = ok(batch);
  return fleet;
}

/** What was asked, but for the present value. */
function aboutEvents({ asked }: FakeFleet): unknown[] {
  return asked.filter((each) => !Object.hasOwn(Object(each), "get"));
}

describe("subscribe_record", () => {
  test("gives the present value and its age where nothing changes, and none beside events", async () => {
    const silent = (await subscribe(plant())).json;
    const changing = (await subscribe(plant({ samples: [timedSample({ sequence: 1 })] }))).json;
    const continued = (await subscribe(plant({ complete: false }))).json;

    expect(silent).toMatchObject({ events: [], present: { value: { celsius: 21.5 } } });
    expect(silent.present.age_ms).toBeGreaterThan(0);
    expect(changing.present).toBeUndefined();
    expect(continued.present).toBeUndefined();
  });

  test("opens a subscription and gives what arrives, oldest first", async () => {
    const samples = [1, 2].map((sequence) => timedSample({ sequence }));

    const { isError, json } = await subscribe(plant({ samples }));

    expect(isError).toBe(false);
    expect(json).toEqual({
      subscription_id: "gw-1.handle",
      instance: "gw-1/plant",
      record_name: "sensor.temp",
      events: [1, 2].map((sequence) => ({
        sequence,
        timestamp: "2026-11-20T10:00:00.123456789Z",
        timestamp_source: "host",
        value: { celsius: 21.5 },
      })),
      stats: {
        celsius: {
          count: 2,
          min: 21.5,
          min_at: "2026-11-20T10:00:00.123456789Z",
          max: 21.5,
          max_at: "2026-11-20T10:00:00.123456789Z",
          mean: 21.5,
          trend_per_minute: null,
        },
      },
      dropped_events: 0,
      loss: "counted",
      complete: true,
      next_cursor: null,
      resource_uri: "aimdb://gw-1/plant/record/sensor.temp",
    });
  });

  test.each([
    { args: {}, opened: { durationMs: 60_000 }, maxBytes: 7_800 },
    {
      args: { duration_seconds: 3_600, max_events: 10_000, max_bytes: 48_000 },
      opened: { durationMs: 3_600_000, maxEvents: 10_000 },
      maxBytes: 40_100,
    },
  ])("asks for $args", async ({ args, opened, maxBytes }) => {
    const fleet = plant();

    await subscribe(fleet, args);

    expect(aboutEvents(fleet).slice(-2)).toEqual([
      {
        subscribe: {
          instance: "gw-1/plant",
          record: "sensor.temp",
          maxEvents: undefined,
          ...opened,
        },
      },
      { read: "gw-1.handle", waitMs: 25_000, maxBytes },
    ]);
  });

  test("continues a subscription by its id, and says how", async () => {
    const fleet = plant({ complete: false });

    const { json } = await subscribe(fleet, { subscription_id: "gw-1.before" });

    expect(aboutEvents(fleet)).toEqual([{ read: "gw-1.before", waitMs: 25_000, maxBytes: 7_800 }]);
    expect(json).toMatchObject({
      subscription_id: "gw-1.before",
      complete: false,
      next_cursor: "7..e",
    });
    expect(json.next).toContain("subscribe_record again");
  });

  test.each([
    [{ instance: "gw-1/plant" }, undefined],
    [{ instance: "plant", cursor: "4..e" }, undefined],
    [{ record_name: "derived.temp", instance: "gw-2/plant" }, ["record_name", "instance"]],
    [{ duration_seconds: 5, max_events: 3 }, ["duration_seconds", "max_events"]],
  ])("names what a continued one takes no notice of: %j", async (args, unused) => {
    const { json } = await subscribe(plant(), { subscription_id: "gw-1.before", ...args });

    expect(json.unused_arguments).toEqual(unused);
    expect(json).toMatchObject({ instance: "gw-1/plant", record_name: "sensor.temp" });
  });

  test("takes notice of all that opens one", async () => {
    const { json } = await subscribe(plant(), { duration_seconds: 5, max_events: 3 });

    expect(json.unused_arguments).toBeUndefined();
  });

  test.each([
    { stepMs: 5, sees: true },
    { stepMs: 1_000, sees: false },
  ])("points to buckets ($sees) where an event comes every $stepMs ms", async (every) => {
    const samples = Array.from({ length: 20 }, (_, i) =>
      timedSample({ timestamp: new Date(i * every.stepMs).toISOString() }),
    );

    const { json } = await subscribe(plant({ samples, complete: false }));

    expect(json.next.includes("bucket_seconds")).toBe(every.sees);
  });

  test("begins where an answer before ended, if it is told to", async () => {
    const fleet = plant({ complete: false });

    await subscribe(fleet, { subscription_id: "gw-1.before", cursor: "4..e" });

    expect(aboutEvents(fleet)).toMatchObject([{ read: "gw-1.before", after: "4..e" }]);
  });

  test.each([
    { name: "nothing is lost", batch: {}, dropped: 0 },
    {
      name: "losses are counted",
      batch: { gaps: [{ reason: "not_kept", missed: 3 } as const] },
      dropped: 3,
    },
    {
      name: "at least so many are lost",
      batch: { loss: "lower_bound", gaps: [{ reason: "lost_at_host", missed: 2 }] } as const,
      dropped: 2,
    },
    { name: "losses can't be seen", batch: { loss: "not_visible" } as const, dropped: null },
    {
      name: "one gap can't be counted",
      batch: {
        gaps: [
          { reason: "not_kept", missed: 3 },
          { reason: "relay_restarted", missed: null },
        ],
      } as const,
      dropped: null,
    },
  ])("says $dropped events were dropped when $name", async ({ batch, dropped }) => {
    expect((await subscribe(plant(batch))).json.dropped_events).toBe(dropped);
  });

  test("adds gaps of one reason up", async () => {
    const gaps = [
      { reason: "not_kept", missed: 3 },
      { reason: "not_kept", missed: 4 },
      { reason: "host_reconnected", missed: 1 },
      { reason: "host_reconnected", missed: null },
      { reason: "host_reconnected", missed: 2 },
    ] as const;

    const { json } = await subscribe(plant({ gaps }));

    expect(json.gaps).toEqual([
      { reason: "not_kept", missed: 7 },
      { reason: "host_reconnected", missed: null },
    ]);
  });

  test("needs exactly one instance, and names those there are", async () => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant"), fakeInstance("gw-2/plant")]);

    const { isError, json } = await subscribe(fleet);

    expect(isError).toBe(true);
    expect(json.error).toMatchObject({
      code: "ambiguous_instance",
      candidates: ["gw-1/plant", "gw-2/plant"],
    });
  });

  test("says how to get on where there are too many", async () => {
    const fleet = plant();
    fleet.subscribeFailure = failure("too_many_subscriptions", "You hold 5.");

    const { json } = await subscribe(fleet);

    expect(json.error).toEqual({
      code: "too_many_subscriptions",
      message: "You hold 5. Reduce the subscriptions: end one with unsubscribe_record.",
    });
  });

  test("passes on why a record can't be watched", async () => {
    const fleet = plant();
    fleet.subscribeFailure = failure("not_observable", "A mailbox.");

    expect((await subscribe(fleet)).json.error).toEqual({
      code: "not_observable",
      message: "A mailbox. Use get_record.",
    });
  });

  test("passes on why a subscription can't be read", async () => {
    const fleet = plant();
    fleet.batch = err(failure("unknown_subscription", "None."));

    const { isError, json } = await subscribe(fleet, { subscription_id: "x" });

    expect(isError).toBe(true);
    expect(json.error.code).toBe("unknown_subscription");
  });

  test("keeps every event and cuts a value that is too long", async () => {
    const samples = [timedSample({ value: Array.from({ length: 10 }, () => "x".repeat(4_000)) })];

    const { json, text } = await subscribe(plant({ samples }));

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
    expect(json.events).toHaveLength(1);
    expect(json.events[0]).toMatchObject({
      sequence: 42,
      value: null,
      value_truncated: { advice: expect.stringMatching(/^Continue with max_bytes \d+\.$/) },
    });
  });

  test("shows a device's texts without hidden characters", async () => {
    const samples = [
      timedSample({ timestamp: "\u202e", value: { "a\u200b": 21.700000762939453 } }),
    ];

    const { json } = await subscribe(plant({ samples, recordKey: "\u202ekey" }));

    expect(json).toMatchObject({
      record_name: "\\u{202e}key",
      events: [{ timestamp: "\\u{202e}", value: { "a\\u{200b}": 21.7 } }],
    });
  });
});

/** Half a degree a second from 21, for as long as anybody waits. */
function warming(): FakeFleet {
  const timelines = new Map([
    ["sensor.temp", every(1_000, -5, 300, (n) => ({ celsius: 21 + n / 2, state: "on" }))],
  ]);
  return new FakeFleet([fakeInstance("gw-1/plant", ["sensor.temp"], { timelines })]);
}

describe("subscribe_record on a record that moves", () => {
  test("ends after max_events", async () => {
    const { json } = await subscribe(warming(), { max_events: 3 });

    expect(json.events).toHaveLength(3);
    expect(json.complete).toBe(true);
  });

  test("has the statistics of what it gives", async () => {
    const { json } = await subscribe(warming(), { duration_seconds: 10 });

    expect(json.stats).toEqual({
      celsius: {
        count: 10,
        min: 21.5,
        min_at: "2026-11-20T10:00:01.000Z",
        max: 26,
        max_at: "2026-11-20T10:00:10.000Z",
        mean: 23.75,
        trend_per_minute: 30,
      },
    });
  });

  test("warns of samples that the host dropped, and says what helps", async () => {
    const { json } = await subscribe(plant({ gaps: [{ reason: "lost_at_host", missed: 7 }] }));

    expect(json).toMatchObject({
      dropped_events: 7,
      warning: expect.stringContaining("Reduce the subscriptions"),
    });
  });
});
