import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failure, type Failure } from "#shared/failure.ts";
import type { SubscriptionBatch } from "#shared/fleet/fleet.ts";
import type { JsonValue } from "#shared/json/json.ts";
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
        fc.constantFrom(undefined, ". > 1", '. == "none"'),
        async (samples, max_bytes, until) => {
          const fleet = new FakeFleet([fakeInstance("gw-0/plant")]);
          const batch: Partial<SubscriptionBatch> = { samples, complete: false };
          fleet.batch = ok(batch);
          const { isError, text } = await callTool(fleet, "subscribe_record", {
            record_name: KEY,
            max_bytes,
            until,
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

/** A few names of any kind, beside the key that is asked for. */
const someNames = fc
  .array(hugeText(1_000), { maxLength: 30 })
  .map((names) => [...new Set([KEY, ...names])]);

const hugeGraph = fc.tuple(someNames, hugeValue).map(([order, origin]) => ({
  order,
  nodes: order.map((key) => ({
    key,
    origin,
    buffer_type: "spmc_ring" as const,
    buffer_capacity: 16,
    tap_count: 1,
    has_outbound_link: true,
  })),
  edges: order.flatMap((from, i) => [
    { from, to: order[(i + 1) % order.length] ?? null, edge_type: origin },
    { from, to: null, edge_type: "tap" },
  ]),
}));

const hugeDiagnostics = fc.tuple(someNames, hugeValue).map(([names, stage]) => ({
  has_metrics: true,
  has_profiling: false,
  records: names.map((record_key) => ({
    record_key,
    type_name: record_key,
    buffer_type: "spmc_ring" as const,
    dropped_count: 1,
    occupancy: [9, 10] as [number, number],
    stage_profiling: [stage, stage],
    kept_samples: 1,
    kept_bytes: 1,
  })),
  total: names.length,
  next_offset: null,
  relay: { subscriptions: 1, max_subscriptions: null, store_bytes: 1, store_limit_bytes: 1 },
}));

const hugeSamples = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.double() }, hugeText(500), hugeValue), {
    minLength: 1,
    maxLength: 40,
  })
  .map((values) => values.map((value) => timedSample({ value })));

const gaps = [{ reason: "lost_at_host", missed: 5 } as const];

/** One instance or some, whose graph, counters, samples and schemas are of any size, too. */
const anyFleet = fc
  .record({
    count: fc.constantFrom(1, 3),
    graph: hugeGraph,
    diagnostics: hugeDiagnostics,
    samples: hugeSamples,
    schema: hugeValue,
    text: hugeText(1_000),
  })
  .chain((facts) =>
    fc
      .tuple(...Array.from({ length: facts.count }, (_, i) => answering(`gw-${i}/plant`)))
      .map((instances) => ({ ...facts, instances })),
  )
  .map(({ instances, graph, diagnostics, samples, schema, text }) => {
    const fleet = new FakeFleet(instances.map((instance) => ({ ...instance, graph, diagnostics })));
    const recordKey = text;
    const loss = "counted" as const;
    const kept = { recordKey, loss, samples, gaps };
    fleet.historyAnswer = ok({
      ...kept,
      source: "relay",
      total: 500,
      isTotalExact: false,
      oldest: text,
      hostReason: text,
    });
    fleet.drainAnswer = ok({ from: "samples", ...kept, next: text, more: true, isFirst: true });
    const guessed = Array.from({ length: 50 }, () => text);
    const example = timedSample({ value: schema });
    fleet.schemaAnswer = ok({
      recordKey,
      typeName: text,
      schema,
      sampleCount: 1,
      since: text,
      guessed,
      example,
    });
    return fleet;
  });

describe("whatever devices hold, these keep their size too", () => {
  test.each([
    { name: "get_instance_info", args: {} },
    { name: "snapshot", args: {} },
    { name: "snapshot", args: { record_name: KEY, instance: "gw-0/plant" } },
    { name: "get_record", args: { record_name: [KEY, "other"] } },
    { name: "query_schema", args: { record_name: KEY } },
    { name: "query_history", args: { record_name: KEY } },
    { name: "get_graph", args: {} },
    { name: "get_graph", args: { record_name: KEY } },
    { name: "get_diagnostics", args: {} },
  ])("$name $args", { timeout: 60_000 }, async ({ name, args }) => {
    await fc.assert(
      fc.asyncProperty(anyFleet, sizes, async (fleet, max_bytes) => {
        expect(await excessOf(fleet, name, { ...args, max_bytes })).toBeLessThanOrEqual(0);
        const only = { instance: "gw-0/plant", ...args };
        expect(await excessOf(fleet, name, only)).toBeLessThanOrEqual(0);
      }),
      RUNS,
    );
  });

  test("drain_record, and it never loses a sample", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyFleet, async (fleet) => {
        const { isError, text } = await callTool(fleet, "drain_record", {
          record_name: KEY,
          instance: "gw-0/plant",
        });
        expect(isError).toBe(false);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(DEFAULT_BYTES);
      }),
      RUNS,
    );
  });

  test("a drain of the host's own, which can't be repeated", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hugeValue, { maxLength: 300 }), async (values) => {
        const fleet = new FakeFleet([fakeInstance("gw-0/plant")]);
        fleet.drainAnswer = ok({ from: "host", recordKey: KEY, values, more: true, isFirst: true });
        const { isError, text } = await callTool(fleet, "drain_record", { record_name: KEY });
        expect(isError).toBe(false);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(DEFAULT_BYTES);
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
