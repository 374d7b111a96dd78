import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { isJsonObject } from "#shared/json/json.ts";
import { ok } from "#shared/result.ts";
import { every, fakeInstance, instanceRow, reading, recordRow } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";
import { plant } from "../support/plant.ts";

function take(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "snapshot", { ...args });
}

interface Group {
  readonly kind: string;
  readonly found: readonly { readonly record_name?: string; readonly evidence: object }[];
}

function kindsOf({ attention }: { attention: Group[] }): string[] {
  return attention.map(({ kind }) => kind);
}

describe("snapshot of an instance", () => {
  test("waits for no ring that is not watched and showed nothing yet, unless it is the one", async () => {
    const quiet = { buffer_type: "spmc_ring", observed: "on_demand" } as const;
    const records = [
      recordRow("quiet", quiet),
      recordRow("dated", { ...quiet, last_update: "2026-11-20T10:00:00Z" }),
      recordRow("setting", { observed: "on_demand" }),
    ];
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", [], { records })]);
    const readOf = () =>
      fleet.asked.flatMap((one) => (isJsonObject(one) && "get" in one ? [one["record"]] : []));

    const { json } = await take(fleet);
    expect(readOf()).toEqual(["dated", "setting"]);
    expect(json.records[0]).toMatchObject({ name: "quiet", value: null, why_no_value: "not_read" });

    await take(fleet, { record_name: "quiet" });
    expect(readOf()).toContain("quiet");
  });

  test("has its state, its records with values and ages, and a summary", async () => {
    const { isError, json, text } = await take(new FakeFleet([plant()]));

    expect(isError).toBe(false);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
    expect(json).toMatchObject({
      instance: "gw-1/aimdb-demo",
      taken_at: "2026-11-20T10:00:00.000Z",
      state: { status: "up", socket_path: "/tmp/aimdb-demo.sock", record_count: 5 },
      summary: {
        records: 5,
        with_value: 3,
        producers: 3,
        consumers: 8,
        producers_visible: "graph_only",
      },
      complete: true,
    });
    expect(json.records[0]).toMatchObject({
      name: "server::Temperature",
      buffer_type: "spmc_ring",
      buffer_capacity: 100,
      value: { celsius: 23.4, humidity: 45 },
      timestamp: "2026-11-20T10:00:00.000Z",
      age_ms: 0,
      producer_count: 1,
      consumer_count: 2,
      occupancy: { items: 0, capacity: 100, percent: 0 },
    });
    expect(json.records[3]).toMatchObject({ value: null, why_no_value: "no_value", age_ms: null });
  });

  test("has how full queues are, but not a single-latest, which is full if somebody did not look yet", async () => {
    const { records } = (await take(new FakeFleet([plant()]))).json;
    const filled = records.map(({ occupancy }: { occupancy?: object }) => occupancy);
    const [empty, fuller] = [0, 73].map((n) => ({ items: n, capacity: 100, percent: n }));
    expect(filled).toEqual([empty, undefined, fuller, undefined, empty]);
  });

  test("says what looks wrong, with evidence and what can't be seen", async () => {
    const { json } = await take(new FakeFleet([plant()]));

    expect(json.attention).toEqual([
      {
        kind: "never_a_value",
        means: expect.any(String),
        limit: expect.any(String),
        found: [{ record_name: "server::Config", evidence: { value: null, produced_count: 0 } }],
      },
      {
        kind: "no_producer",
        means: expect.any(String),
        limit: expect.stringContaining('producers_visible: "graph_only"'),
        found: [
          {
            record_name: "server::Config",
            evidence: { producer_count: 0, consumer_count: 3, writable: true, age_ms: null },
          },
        ],
      },
      {
        kind: "stale",
        means: expect.any(String),
        limit: expect.any(String),
        found: [
          {
            record_name: "server::UserEvents",
            evidence: { age_ms: 20_000, mean_interval_ms: 500 },
          },
        ],
      },
      {
        kind: "drops",
        means: expect.any(String),
        limit: expect.any(String),
        found: [
          {
            record_name: "server::UserEvents",
            evidence: { dropped_count: 4, produced_count: 120 },
          },
        ],
      },
      {
        kind: "queue_nearly_full",
        means: expect.any(String),
        limit: expect.any(String),
        found: [
          {
            record_name: "server::UserEvents",
            evidence: { items: 73, capacity: 100, percent: 73 },
          },
        ],
      },
      {
        kind: "mailbox_without_consumer",
        means: expect.any(String),
        limit: expect.any(String),
        found: [{ record_name: "server::Commands", evidence: { consumer_count: 0 } }],
      },
    ]);
  });

  test("has the graph, the metrics and the samples of what moved last", async () => {
    const { json } = await take(new FakeFleet([plant()]), { samples: 2 });

    expect(json.graph).toMatchObject({
      records: 5,
      edges: 4,
      mermaid: expect.stringContaining("flowchart LR"),
    });
    expect(json.metrics).toMatchObject({
      has_metrics: true,
      dropped_count: 4,
      bottleneck: { record_name: "server::Temperature", stage_type: "tap" },
    });
    expect(json.recent[0]).toMatchObject({
      record_name: "server::Temperature",
      samples: [{ sequence: 30 }, { sequence: 31 }],
      kept: 31,
      dropped_events: 0,
    });
    expect(json.recent).toHaveLength(3);
  });

  test("says that metrics take a host that was built with them", async () => {
    const { json } = await take(new FakeFleet([plant({ diagnostics: undefined })]));

    expect(json.metrics).toMatchObject({
      has_metrics: false,
      dropped_count: null,
      how_to_enable: expect.stringContaining("observability"),
    });
    expect(kindsOf(json)).not.toContain("drops");
  });

  test("goes on without the parts that a host does not have, and names them", async () => {
    const { isError, json } = await take(new FakeFleet([plant({ graph: undefined })]));

    expect(isError).toBe(false);
    expect(json).toMatchObject({
      complete: false,
      missing: [{ part: "graph", code: "unsupported" }],
    });
    expect(json.records).toHaveLength(5);
    expect(json.graph).toBeUndefined();
  });

  test.each([
    {
      row: instanceRow("gw-1/plant", { status: "down", reason: "Nobody listens." }),
      code: "instance_down",
      evidence: { reason: "Nobody listens." },
    },
    {
      row: instanceRow("gw-1/plant", {
        status: "offline",
        offlineSince: "2026-11-20T09:00:00.000Z",
      }),
      code: "relay_offline",
      evidence: { offline_since: "2026-11-20T09:00:00.000Z" },
    },
  ] as const)("of one that can't be asked begins with $code", async ({ row, code, evidence }) => {
    const away = fakeInstance("gw-1/plant", [], { row, failure: failure(code, "Away.") });

    const { isError, json } = await take(new FakeFleet([away]));

    expect(isError).toBe(false);
    expect(json).toMatchObject({
      state: { status: row.status },
      summary: { records: null },
      attention: [{ kind: code, found: [{ evidence }] }],
      records: [],
      complete: false,
    });
    expect(json.missing.map(({ part }: { part: string }) => part)).toEqual([
      "records",
      "graph",
      "diagnostics",
    ]);
  });

  test("of more than fits shows what looks wrong, the first records, and the way to the rest", async () => {
    const keys = Array.from({ length: 150 }, (_, i) => `line.${i}.temperature`);
    const instance = fakeInstance("gw-1/plant", keys, { readings: new Map() });

    const { json, text } = await take(new FakeFleet([instance]));

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
    expect(json.attention[0]).toMatchObject({ kind: "never_a_value", more: 40 });
    expect(json.records.length).toBeGreaterThan(5);
    expect(json.records.length + json.records_left_out).toBe(150);
    expect(json.next).toContain("record_name");
  });

  test.each([1_000, 2_000, 5_000, 20_000])(
    "keeps what looks wrong before what is merely there, in %i bytes",
    async (max_bytes) => {
      const { isError, json, text } = await take(new FakeFleet([plant()]), { max_bytes });

      expect(isError).toBe(false);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(max_bytes);
      expect(json.summary.records).toBe(5);
      expect(json.attention.length + (json.attention_kinds_left_out ?? 0)).toBe(6);
      expect(json.records.length + (json.records_left_out ?? 0)).toBe(5);
    },
  );

  test("shows as many samples as asked for where there is room", async () => {
    const { json } = await take(new FakeFleet([plant()]), { samples: 5 });

    expect(json.recent.map(({ samples }: { samples: unknown[] }) => samples.length)).toEqual([
      5, 5, 5,
    ]);
  });

  test("is taken of four at most", async () => {
    const fleet = new FakeFleet(
      Array.from({ length: 6 }, (_, i) => plant({ row: instanceRow(`gw-${i}/plant`) })),
    );

    const { json, text } = await take(fleet);

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
    expect(json.results).toHaveLength(4);
    expect(json).toMatchObject({ complete: false, left_out: 2 });
  });
});

describe("snapshot of a record", () => {
  test("has it in full, with what feeds it and what it feeds", async () => {
    const fleet = new FakeFleet([plant()]);

    const { json } = await take(fleet, { record_name: "server::Fahrenheit" });

    expect(json.records[0]).toMatchObject({
      name: "server::Fahrenheit",
      producers: [{ type: "transform", record: "server::Temperature" }],
      value: { fahrenheit: 74 },
      mean_interval_ms: 2_000,
    });
    expect(json.records.map(({ name }: { name: string }) => name)).toEqual([
      "server::Fahrenheit",
      "server::Temperature",
    ]);
    expect(json.recent).toMatchObject([{ record_name: "server::Fahrenheit" }]);
    expect(json.graph).toMatchObject({ records: 2 });
    expect(kindsOf(json)).toEqual(["not_writable"]);
  });

  test("answers why it is not updating: nothing produces it", async () => {
    const { json } = await take(new FakeFleet([plant()]), { record_name: "server::Config" });

    expect(kindsOf(json)).toEqual(["never_a_value", "no_producer"]);
    expect(json.records).toHaveLength(1);
  });

  test("answers why it is not updating: what it is made of is silent", async () => {
    const timelines = new Map([
      ["server::Temperature", every(2_000, -90, -30, (n) => n)],
      ["server::Fahrenheit", every(2_000, -90, -30, (n) => n)],
    ]);
    const { json } = await take(new FakeFleet([plant({ timelines })]), {
      record_name: "server::Fahrenheit",
    });

    expect(kindsOf(json)).toEqual(["stale", "input_silent", "not_writable"]);
    expect(json.attention[0].found).toMatchObject([
      { record_name: "server::Fahrenheit" },
      { record_name: "server::Temperature" },
    ]);
    expect(json.attention[1].found[0].evidence).toEqual({ inputs: ["server::Temperature"] });
  });

  test("answers why it can't be written", async () => {
    const { json } = await take(new FakeFleet([plant()]), { record_name: "server::Temperature" });

    expect(json.attention).toMatchObject([
      { kind: "not_writable", found: [{ evidence: { reason: "The application produces it." } }] },
    ]);
  });

  test("finds it by a type that only it has, also where it never had a value", async () => {
    const record = recordRow("app.config", { type_name: "app::Config" });
    const instance = fakeInstance("gw-1/plant", [], { records: [record, recordRow("b")] });

    const { json } = await take(new FakeFleet([instance]), { record_name: "app::Config" });

    expect(json.records[0]).toMatchObject({ name: "app.config", why_no_value: "no_value" });
  });

  test("finds it behind the first rows of a long list", async () => {
    const keys = Array.from({ length: 400 }, (_, i) => `line.${i}`);
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", keys)]);

    const { json } = await take(fleet, { record_name: "line.399" });

    expect(json.records[0]).toMatchObject({ name: "line.399", value: { celsius: 21.5 } });
  });

  test("names what is nearest to one that is not there", async () => {
    const { isError, json } = await take(new FakeFleet([plant()]), {
      record_name: "server::Temprature",
    });

    expect(isError).toBe(true);
    expect(json.error).toMatchObject({
      code: "unknown_record",
      nearest: expect.arrayContaining(["server::Temperature"]),
    });
  });

  test("has the last known value where the relay is away", async () => {
    const stale = {
      ...reading("sensor.temp", { ageMs: 60_000 }),
      staleSince: "2026-11-20T09:59:00.000Z",
    };
    const row = instanceRow("gw-1/plant", { status: "offline", offlineSince: stale.staleSince });
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", ["sensor.temp"], { row })]);
    const away = failure("relay_offline", "Away.");
    fleet.listRecords = async () => ({ ok: false, error: away });
    fleet.getRecords = async (_instance, records) =>
      ok(records.map((record) => ({ record, reading: ok(stale) })));

    const { json } = await take(fleet, { record_name: "sensor.temp" });

    expect(json).toMatchObject({
      last_known: { value: { celsius: 21.5 }, stale: true, age_ms: 60_000 },
      attention: [{ kind: "relay_offline" }],
      complete: false,
    });
  });

  test("shows a device's texts without hidden characters", async () => {
    const record = recordRow("a\u202e", {
      type_name: "t\u200b",
      writable: false,
      writable_reason: "\u2066",
    });
    const readings = new Map([["a\u202e", reading("a\u202e", { value: "\u202e" })]]);
    const { text } = await take(
      new FakeFleet([fakeInstance("gw-1/plant", [], { records: [record], readings })]),
    );

    expect(text).not.toMatch(/[\u200b\u202e\u2066]/);
    expect(text).toContain("a\\\\u{202e}");
  });
});
