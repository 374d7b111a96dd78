import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { err, ok } from "#shared/result.ts";
import type { SubscriptionBatch } from "#shared/fleet.ts";
import { fakeInstance, timedSample } from "../support/builders.ts";
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

describe("subscribe_record", () => {
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
      dropped_events: 0,
      loss: "counted",
      complete: true,
    });
  });

  test.each([
    { args: {}, opened: { durationMs: 60_000 }, maxBytes: 9_400 },
    {
      args: { duration_seconds: 3_600, max_events: 10_000, max_bytes: 48_000 },
      opened: { durationMs: 3_600_000, maxEvents: 10_000 },
      maxBytes: 47_400,
    },
  ])("asks for $args", async ({ args, opened, maxBytes }) => {
    const fleet = plant();

    await subscribe(fleet, args);

    expect(fleet.asked.slice(-2)).toEqual([
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

    expect(fleet.asked).toEqual([{ read: "gw-1.before", waitMs: 25_000, maxBytes: 9_400 }]);
    expect(json).toMatchObject({ subscription_id: "gw-1.before", complete: false });
    expect(json.next).toContain("subscribe_record again");
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
      message: "You hold 5. End one with unsubscribe_record.",
    });
  });

  test("passes on why a record can't be watched", async () => {
    const fleet = plant();
    fleet.subscribeFailure = failure("not_observable", "A mailbox.");

    expect((await subscribe(fleet)).json.error).toEqual({
      code: "not_observable",
      message: "A mailbox.",
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
      value_truncated: { advice: expect.stringMatching(/^Go on with max_bytes \d+\.$/) },
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
