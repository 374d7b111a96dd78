import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { MIN_CONCISE_BYTES, MIN_DETAILED_BYTES } from "#shared/mcp/answers/record-shape.ts";
import { every, fakeInstance, recordRow } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

function list(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "list_records", { ...args });
}

function keys(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `line.${i}.temperature`);
}

const SHORTEST = recordRow("", {
  type_name: "",
  type_id: "",
  buffer_type: "mailbox",
  buffer_capacity: 0,
  origin: 0,
  producers: [],
  consumers: [],
  writable_reason: "",
  created_at: "",
  last_update: "",
  mean_interval_ms: 0,
});

describe("list_records", () => {
  test("has the fields of the plan and what the graph and the device file say", async () => {
    const { json } = await list(new FakeFleet([fakeInstance("gw-1/plant")]));

    expect(json).toEqual({
      instance: "gw-1/plant",
      records: [
        {
          name: "sensor.temp",
          record_key: "sensor.temp",
          type_name: "server::Temperature",
          type_id: "0xaee15e261d918c67cee5a96c2f604ce0",
          buffer_type: "single_latest",
          buffer_capacity: null,
          origin: "passive",
          producer_count: 0,
          consumer_count: 1,
          producers: [],
          consumers: [{ type: "tap" }],
          writable: true,
          writable_reason: "The device file opens it.",
          created_at: null,
          last_update: null,
          observed: "live",
          age_ms: null,
          latest: null,
          mean_interval_ms: null,
        },
      ],
      total: 1,
      next_cursor: null,
      response_format: "detailed",
      why_null: {
        buffer_capacity: expect.stringContaining("rings"),
        created_at: expect.stringContaining("no dates"),
        last_update: expect.stringContaining("no dates"),
        age_ms: expect.stringContaining("No sample"),
        mean_interval_ms: expect.stringContaining("three samples"),
      },
    });
  });

  test("says which scope the caller lacks, where there is something to write", async () => {
    const records = [recordRow("a", { writable: false }), recordRow("b")];
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", [], { records })]);
    const needsOf = async (name_filter: string) =>
      (await callTool(fleet, "list_records", { name_filter })).json.writable_needs;

    expect(await needsOf("b*")).toBeUndefined();
    fleet.scopes = ["aimdb:read"];
    expect(await needsOf("b*")).toContain("aimdb:write");
    expect(await needsOf("a*")).toBeUndefined();
  });

  test("says how alive a record is", async () => {
    const timelines = new Map([["a", every(500, -10, -1, (n) => n)]]);
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", ["a"], { timelines })]);

    const { json } = await list(fleet);

    expect(json.records[0]).toMatchObject({
      age_ms: 500,
      mean_interval_ms: 500,
      latest: { timestamp_source: "observed", age_ms: 500, sequence: 10 },
    });
  });

  test("tells who produces and reads a record, and what signals did", async () => {
    const row = recordRow("b", {
      origin: { transform: { input: "a" } },
      producer_count: 1,
      producers: [{ type: "transform", record: "a" }],
      consumers: [{ type: "link_out", protocol: "mqtt" }],
      signal_stats: [{ signal: "temperature", unit: "°C", mean: 21.700000762939453 }],
    });
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", [], { records: [row] })]);

    expect((await list(fleet)).json.records[0]).toMatchObject({
      producers: [{ type: "transform", record: "a" }],
      consumers: [{ type: "link_out", protocol: "mqtt" }],
      signal_stats: [{ signal: "temperature", unit: "°C", mean: 21.7 }],
    });
  });

  test("has null with the reason for what a host without a graph can't tell", async () => {
    const unknown = { origin: null, producer_count: null, consumer_count: null };
    const row = recordRow("a", { ...unknown, producers: null, consumers: null });
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", [], { records: [row] })]);

    const { json } = await list(fleet);

    expect(json.records[0]).toMatchObject(unknown);
    expect(json.why_null).toMatchObject({
      producer_count: expect.stringContaining("no graph"),
      consumer_count: expect.stringContaining("no graph"),
    });
  });

  test.each([
    { name_filter: "sensor.*", names: ["sensor.temp", "sensor.locked"] },
    { name_filter: "LOCK", names: ["sensor.locked"] },
    { name_filter: "Temperature", names: ["sensor.temp", "sensor.locked", "app"] },
    { name_filter: "none", names: [] },
  ])("filters by $name_filter", async ({ name_filter, names }) => {
    const fleet = new FakeFleet([
      fakeInstance("gw-1/plant", ["sensor.temp", "sensor.locked", "app"]),
    ]);

    const { json } = await list(fleet, { name_filter });

    expect(json.records.map(({ name }: { name: string }) => name)).toEqual(names);
    expect(json.total).toBe(names.length);
  });

  test("names the nearest where nothing has the name, and nothing where a record has it", async () => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", ["sensor.temp", "app.\u202e"])]);

    const none = (await list(fleet, { name_filter: "sensr.temp" })).json;
    const found = (await list(fleet, { name_filter: "sensor" })).json;
    const far = (await list(fleet, { name_filter: "a long name that is like none" })).json;

    expect(none).toMatchObject({ records: [], total: 0, nearest: ["sensor.temp"] });
    expect(found.nearest).toBeUndefined();
    expect(far.nearest).toBeUndefined();
  });

  test("names the nearest of several instances only where none has the name", async () => {
    const fleet = new FakeFleet([
      fakeInstance("gw-1/plant", ["sensor.temp"]),
      fakeInstance("gw-2/plant", ["sensor.temq"]),
    ]);

    const none = (await list(fleet, { name_filter: "sensor.temr" })).json;
    const one = (await list(fleet, { name_filter: "sensor.temp" })).json;

    expect(none.results).toMatchObject([
      { total: 0, nearest: ["sensor.temp"] },
      { total: 0, nearest: ["sensor.temq"] },
    ]);
    expect(one.results).toMatchObject([{ total: 1 }, { total: 0 }]);
    expect(one.results[1].nearest).toBeUndefined();
  });

  test("is concise only where all rows do not fit in full, or at the caller's wish", async () => {
    const few = new FakeFleet([fakeInstance("gw-1/plant", keys(10))]);
    const many = new FakeFleet([fakeInstance("gw-1/plant", keys(100))]);

    expect((await list(few)).json).toMatchObject({ response_format: "detailed" });
    const concise = (await list(few, { response_format: "concise" })).json;
    expect(concise.response_format).toBe("concise");
    expect(concise.records[0].consumers).toBeUndefined();
    expect(concise.records[0].consumer_count).toBe(1);
    const short = (await list(many)).json;
    const long = (await list(many, { response_format: "detailed" })).json;
    expect(short.response_format).toBe("concise");
    expect(long.records[0].consumers).toEqual([{ type: "tap" }]);
    expect(short.records.length).toBeGreaterThan(long.records.length);
  });

  test("shows what only some hosts send", async () => {
    const row = recordRow("a", {
      buffer_capacity: 64,
      produced_count: 7,
      origin: { transform: { input: "b" } },
      created_at: "2026-11-20T10:00:00.123456789Z",
      last_update: "2026-11-20T10:00:01.123456789Z",
    });
    const { json } = await list(
      new FakeFleet([fakeInstance("gw-1/plant", [], { records: [row] })]),
    );

    expect(json.records[0]).toMatchObject({
      buffer_capacity: 64,
      produced_count: 7,
      origin: { transform: { input: "b" } },
      created_at: "2026-11-20T10:00:00.123456789Z",
      last_update: "2026-11-20T10:00:01.123456789Z",
    });
  });

  test("can leave out what can't be written", async () => {
    const records = [recordRow("a", { writable: false }), recordRow("b")];
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", [], { records })]);

    const { json } = await list(fleet, { writable_only: true });

    expect(json).toMatchObject({ records: [{ name: "b" }], total: 1 });
  });

  test("answers for every instance where none is named", async () => {
    const fleet = new FakeFleet([
      fakeInstance("gw-1/plant", ["a"]),
      fakeInstance("gw-2/plant", ["b"]),
      fakeInstance("gw-3/plant", ["c"], { failure: failure("instance_down", "Gone.") }),
    ]);

    const { isError, json } = await list(fleet);

    expect(isError).toBe(false);
    expect(json).toMatchObject({
      results: [
        { instance: "gw-1/plant", records: [{ name: "a" }], total: 1, next_cursor: null },
        { instance: "gw-2/plant", records: [{ name: "b" }], total: 1, next_cursor: null },
      ],
      failed: [{ instance: "gw-3/plant", code: "instance_down", message: "Gone." }],
      complete: false,
    });
  });

  test.each([1_000, 10_000, 48_000])(
    "reaches each of 500 records once by its cursors, %i bytes at a time",
    async (max_bytes) => {
      const fleet = new FakeFleet([fakeInstance("gw-1/plant", keys(500))]);
      const seen: string[] = [];
      let cursor: string | null = "0";
      while (cursor !== null) {
        const { json, text } = await list(fleet, { cursor, max_bytes });
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(max_bytes);
        expect(json.total).toBe(500);
        seen.push(...json.records.map(({ name }: { name: string }) => name));
        cursor = json.next_cursor;
      }

      expect(seen).toEqual(keys(500));
    },
  );

  test.each(["concise", "detailed", undefined])(
    "fills its answer with the shortest records there can be, %s",
    async (response_format) => {
      const max_bytes = 10_000;
      const records = keys(500).map(() => SHORTEST);
      const fleet = new FakeFleet([fakeInstance("gw-1/plant", [], { records })]);

      const { json, text } = await list(fleet, { max_bytes, response_format });

      const rowBytes = JSON.stringify(json.records[0]).length + 1;
      expect(rowBytes).toBeGreaterThan(
        response_format === "detailed" ? MIN_DETAILED_BYTES : MIN_CONCISE_BYTES,
      );
      const roomForWhyNull = 500;
      expect(text.length).toBeGreaterThan(max_bytes - rowBytes - roomForWhyNull);
    },
  );

  test("of several instances shows the first records of each, and how to get the rest", async () => {
    const fleet = new FakeFleet(
      Array.from({ length: 5 }, (_, i) => fakeInstance(`gw-${i}/plant`, keys(100))),
    );

    const { json } = await list(fleet);
    expect(json.results).toHaveLength(5);

    for (const { instance, records, next_cursor } of json.results) {
      expect(next_cursor).toBe(String(records.length));
      const rest = await list(fleet, { instance, cursor: next_cursor });
      expect(rest.json.records[0].name).toBe(keys(100)[records.length]);
    }
  });

  test("shows a device's texts short and without hidden characters", async () => {
    const row = recordRow("a\u200b", {
      type_name: "\u202e",
      type_id: "\u0000",
      writable_reason: "x".repeat(1_000),
      created_at: "\ufeff",
      origin: { "\u2066": "\u2069" },
    });
    const { json } = await list(
      new FakeFleet([fakeInstance("gw-1/plant", [], { records: [row] })]),
    );

    expect(json.records[0]).toMatchObject({
      name: "a\\u{200b}",
      record_key: "a\\u{200b}",
      type_name: "\\u{202e}",
      type_id: "\\u{0}",
      created_at: "\\u{feff}",
      origin: { "\\u{2066}": "\\u{2069}" },
      writable_reason: expect.stringMatching(/^x{300}… /),
    });
  });

  test("leaves out an origin that is longer than a row may be", async () => {
    const row = recordRow("a", { origin: Array.from({ length: 10_000 }, (_, i) => i) });
    const { json } = await list(
      new FakeFleet([fakeInstance("gw-1/plant", [], { records: [row] })]),
    );

    expect(json.records[0].origin).toBe("(too long to show)");
  });
});

test("list_records says where the records that feed one are not all listed", async () => {
  const ends = Array.from({ length: 21 }, (_, i) => ({
    type: "transform_join",
    record: `in.${i}`,
  }));
  const listed = async (producers: typeof ends) => {
    const records = [recordRow("a", { producers })];
    const { json } = await list(new FakeFleet([fakeInstance("gw-1/plant", [], { records })]));
    return json.records[0];
  };

  const row = await listed(ends);
  expect(row.producers).toHaveLength(20);
  expect(row.more_ends).toContain("get_graph");
  expect((await listed(ends.slice(1))).more_ends).toBeUndefined();
});
