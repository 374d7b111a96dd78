import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failure, type Failure } from "#shared/failure.ts";
import type { SubscriptionBatch } from "#shared/fleet.ts";
import type { JsonValue } from "#shared/json.ts";
import { MAX_KEY_LENGTH } from "#shared/link/limits.ts";
import { err, ok } from "#shared/result.ts";
import { fakeInstance, instanceRow, reading, recordRow, timedSample } from "./support/builders.ts";
import { callTool } from "./support/call-tool.ts";
import { FakeFleet, type FakeInstance } from "./support/fake-fleet.ts";

const DEFAULT_BYTES = 10_000;
const RUNS = { numRuns: 20 };

/** Characters that JSON, UTF-8 or the escaping of hidden ones make longer. */
const unit = fc.constantFrom(
  "x",
  '"',
  "\\",
  "\n",
  "\u0000",
  "\u202e",
  "€",
  "😀",
  "\u{e0041}",
  "\ud800",
);

function hugeText(maxLength: number): fc.Arbitrary<string> {
  return fc.tuple(unit, fc.integer({ min: 0, max: maxLength })).map(([c, n]) => c.repeat(n));
}

const hugeValue: fc.Arbitrary<JsonValue> = fc.oneof(
  hugeText(100_000),
  fc.array(hugeText(5_000), { maxLength: 40 }),
  fc.dictionary(hugeText(300), hugeText(300), { maxKeys: 100 }),
  fc.integer({ min: 0, max: 20_000 }).map((n) => Array.from({ length: n }, (_, i) => i / 7)),
);

const hugeFailure: fc.Arbitrary<Failure> = fc
  .tuple(hugeText(2_000), fc.array(hugeText(500), { maxLength: 200 }))
  .map(([message, nearest]) =>
    failure("unknown_record", message, { nearest, candidates: nearest }),
  );

const KEY = "sensor.temp";

function answering(id: string): fc.Arbitrary<FakeInstance> {
  return fc
    .record({
      value: hugeValue,
      key: hugeText(1_000),
      text: hugeText(1_000),
      origin: hugeValue,
      count: fc.constantFrom(0, 1, 3, 120),
      failed: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, hugeFailure),
    })
    .map(({ value, key, text, origin, count, failed }) => ({
      ...fakeInstance(id, [KEY]),
      row: instanceRow(id, { status: "down", reason: text, socket_path: text, hasRecord: null }),
      records: Array.from({ length: count }, () =>
        recordRow(key, { type_name: text, type_id: text, writable_reason: text, origin }),
      ),
      readings: new Map([[KEY, { ...reading(KEY, { value, timestamp: text }), recordKey: key }]]),
      failure: failed,
    }));
}

const fleetArbitrary = fc
  .constantFrom(1, 2, 15, 60)
  .chain((count) =>
    fc.tuple(...Array.from({ length: count }, (_, i) => answering(`gw-${i}/plant`))),
  )
  .map((instances) => new FakeFleet(instances));

const sizes = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(1_000, 48_000),
  fc.integer({ min: 1_000, max: 48_000 }),
);

/** By how many bytes an answer is longer than it may be. */
async function excessOf(
  fleet: FakeFleet,
  name: string,
  args: { max_bytes?: number | undefined } & Record<string, unknown>,
): Promise<number> {
  const { isError, text } = await callTool(fleet, name, args);
  // A refusal is short whatever was asked.
  const limit = isError ? DEFAULT_BYTES : (args.max_bytes ?? DEFAULT_BYTES);
  return Buffer.byteLength(text) - limit;
}

describe("whatever devices hold, an answer keeps its size", () => {
  test.each(["discover_instances", "list_records"])("%s", { timeout: 60_000 }, async (name) => {
    await fc.assert(
      fc.asyncProperty(fleetArbitrary, sizes, async (fleet, max_bytes) => {
        expect(await excessOf(fleet, name, { max_bytes })).toBeLessThanOrEqual(0);
        expect(
          await excessOf(fleet, name, { max_bytes, instance: "gw-0/plant" }),
        ).toBeLessThanOrEqual(0);
      }),
      RUNS,
    );
  });

  test("get_record", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fleetArbitrary, sizes, async (fleet, max_bytes) => {
        expect(
          await excessOf(fleet, "get_record", { record_name: KEY, max_bytes }),
        ).toBeLessThanOrEqual(0);
        const only = { record_name: KEY, instance: "gw-0/plant", max_bytes };
        expect(await excessOf(fleet, "get_record", only)).toBeLessThanOrEqual(0);
      }),
      RUNS,
    );
  });

  test("set_record, and it never hides its outcome", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(hugeText(5_000), hugeFailure, async (record_key, reason) => {
        const fleet = new FakeFleet([fakeInstance("gw-0/plant")]);
        fleet.outcome = { outcome: "applied", record_key, echo: "same" };
        const args = { record_name: KEY, value: 1, instance: "gw-0/plant" };
        expect((await callTool(fleet, "set_record", args)).json.outcome).toBe("applied");
        fleet.outcome = { outcome: "unknown", ...reason };
        const { json, text } = await callTool(fleet, "set_record", args);
        expect(json.outcome).toBe("unknown");
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(DEFAULT_BYTES);
      }),
      RUNS,
    );
  });

  test("subscribe_record, and it never loses an event", { timeout: 60_000 }, async () => {
    const sample = fc
      .oneof({ weight: 3, arbitrary: fc.double() }, hugeText(500), hugeValue)
      .map((value) => timedSample({ value }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(sample, { maxLength: 60 }),
        fc.oneof(fc.constant(undefined), fc.integer({ min: 2_000, max: 48_000 })),
        async (samples, max_bytes) => {
          const fleet = new FakeFleet([fakeInstance("gw-0/plant")]);
          const batch: Partial<SubscriptionBatch> = { samples, complete: false };
          fleet.batch = ok(batch);
          const { isError, text } = await callTool(fleet, "subscribe_record", {
            record_name: KEY,
            max_bytes,
          });
          expect(isError).toBe(false);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(max_bytes ?? DEFAULT_BYTES);
        },
      ),
      RUNS,
    );
  });

  test("every refusal", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(hugeFailure, async (reason) => {
        const fleet = new FakeFleet([fakeInstance("gw-0/plant", [KEY], { failure: reason })]);
        fleet.subscribeFailure = reason;
        fleet.unsubscribed = err(reason);
        expect(await excessOf(fleet, "get_record", { record_name: KEY })).toBeLessThanOrEqual(0);
        expect(await excessOf(fleet, "subscribe_record", { record_name: KEY })).toBeLessThanOrEqual(
          0,
        );
        expect(
          await excessOf(fleet, "unsubscribe_record", { subscription_id: "a" }),
        ).toBeLessThanOrEqual(0);
      }),
      RUNS,
    );
  });
});

describe("what every gateway may have is shown in full by default", () => {
  test("a reading of a record with the longest key", async () => {
    const key = "k".repeat(MAX_KEY_LENGTH);
    const { json } = await callTool(
      new FakeFleet([fakeInstance("gw-1/plant", [key])]),
      "get_record",
      { record_name: key },
    );

    expect(json).toMatchObject({ record_name: key, value: { celsius: 21.5 } });
  });

  test("the readings of forty instances", async () => {
    const instances = Array.from({ length: 40 }, (_, i) => fakeInstance(`gw-${i}/plant`));
    const { json } = await callTool(new FakeFleet(instances), "get_record", { record_name: KEY });

    expect(json.results.length).toBeGreaterThanOrEqual(38);
  });
});
