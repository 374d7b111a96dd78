import { describe, expect, test } from "vitest";
import { METHODS } from "#shared/link/method.ts";
import { MAX_RESULT_BYTES } from "#shared/link/limits.ts";
import { describeRecord, pageOfRecords } from "../../../../relay/instances/reading/records.ts";
import { latest, mailbox, ring, startHost, VERSIONS } from "../../support/host-side/host.ts";
import { graphOf, rowOf } from "../../support/host-side/builders.ts";
import { until } from "../../support/until.ts";
import { contextOf, watchHost } from "../../support/host-side/watched-host.ts";

const view = {
  rows: ["a", "b", "c", "d"].map((key, i) => rowOf(key, { writable: i % 2 === 0 })),
  graph: graphOf(["a", "b", "c", "d"]),
};

function page(params: Parameters<typeof pageOfRecords>[2]) {
  const { records, total, next_offset } = pageOfRecords(contextOf(), view, params, 0);
  return { keys: records.map(({ record_key }) => record_key), total, next_offset };
}

test("pageOfRecords gives everything where it fits one page", () => {
  expect(page({})).toEqual({ keys: ["a", "b", "c", "d"], total: 4, next_offset: null });
});

test("pageOfRecords gives page after page", () => {
  expect(page({ limit: 3 })).toEqual({ keys: ["a", "b", "c"], total: 4, next_offset: 3 });
  expect(page({ limit: 3, offset: 3 })).toEqual({ keys: ["d"], total: 4, next_offset: null });
});

test("pageOfRecords gives nothing behind the end", () => {
  expect(page({ offset: 9 })).toEqual({ keys: [], total: 4, next_offset: null });
});

test("pageOfRecords counts only writable records where only those are wanted", () => {
  expect(page({ writable_only: true, limit: 1 })).toEqual({
    keys: ["a"],
    total: 2,
    next_offset: 1,
  });
});

test("pageOfRecords gives a hundred at a time if not told otherwise", () => {
  const rows = Array.from({ length: 150 }, (_, i) => rowOf(`r${i}`));
  const { records, next_offset } = pageOfRecords(contextOf(), { rows, graph: undefined }, {}, 0);
  expect(records).toHaveLength(100);
  expect(next_offset).toBe(100);
});

test("pageOfRecords keeps to what a link carries also where rows grew since they were first told", () => {
  const rows = Array.from({ length: 400 }, (_, i) => rowOf(`${"k".repeat(500)}${i}`));
  const context = contextOf();
  const list = () => pageOfRecords(context, { rows, graph: undefined }, { limit: 400 }, 0).records;
  const first = list();
  for (const { record_key } of rows) {
    const observed = { atMs: -123_456_789.123, timeSource: "first_seen", missed: null } as const;
    context.store.push(context.storeKey(record_key), { ...observed, value: 1 });
  }
  const later = list();

  expect(later.map(({ latest }) => latest)).not.toContain(null);
  expect(later).toHaveLength(first.length);
  expect(Buffer.byteLength(JSON.stringify(later))).toBeLessThan(MAX_RESULT_BYTES);
});

test("describeRecord says what nobody can know without a graph", () => {
  expect(describeRecord(contextOf(), { rows: [], graph: undefined }, rowOf("a"), 0)).toMatchObject({
    origin: null,
    producer_count: null,
    consumer_count: null,
    writable: false,
  });
});

test("describeRecord says what nobody can know of a record that the graph lacks", () => {
  const graph = graphOf([]);
  expect(describeRecord(contextOf(), { rows: [], graph }, rowOf("a"), 0)).toMatchObject({
    origin: null,
    producer_count: null,
    consumer_count: 0,
    writable: false,
  });
});

test.each(VERSIONS)("describeRecord puts right what an AimX %s host gets wrong", async (aimx) => {
  const host = await startHost({
    aimx,
    records: [
      ring("temp", { origin: { kind: "source" }, taps: 1, writable: true }),
      latest("settings"),
      mailbox("command"),
    ],
  });
  const { context, view } = await watchHost(host);

  const { records } = pageOfRecords(context, view, {}, 0);

  expect(records).toMatchObject([
    {
      record_key: "temp",
      type_name: "host::temp",
      buffer_type: "spmc_ring",
      buffer_capacity: 64,
      origin: "source",
      producer_count: 1,
      consumer_count: 1,
      writable: false,
      writable_reason: "The application produces it.",
      observed: "live",
    },
    { record_key: "settings", producer_count: 0, writable: true, observed: "live" },
    { record_key: "command", consumer_count: 1, writable: true, observed: "never" },
  ]);
});

test.each(VERSIONS)("describeRecord of an AimX %s host is what a link carries", async (aimx) => {
  const { context, view } = await watchHost(await startHost({ aimx, periodMs: 0 }));
  const result = pageOfRecords(context, view, {}, 0);
  expect(METHODS["record.list"].result.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
});

describe("pageOfRecords gives only records of the name", () => {
  const named = {
    rows: [
      rowOf("sensor.Temp", { type_name: "plant::Temperature" }),
      rowOf("sensor.hum", { type_name: "plant::Humidity" }),
      rowOf("app.settings", { type_name: "plant::Settings" }),
    ],
    graph: undefined,
  };

  test.each([
    ["sensor.*", ["sensor.Temp", "sensor.hum"]],
    ["*TEMP", ["sensor.Temp"]],
    ["sensor.???", ["sensor.hum"]],
    ["temp", ["sensor.Temp"]],
    ["HUMID", ["sensor.hum"]],
    ["plant", ["sensor.Temp", "sensor.hum", "app.settings"]],
    ["sett", ["app.settings"]],
    ["nothing", []],
    ["plant*", []],
  ])("%s [Q-3]", (name_filter, keys) => {
    const { records, total } = pageOfRecords(contextOf(), named, { name_filter }, 0);
    expect(records.map(({ record_key }) => record_key)).toEqual(keys);
    expect(total).toBe(keys.length);
  });

  test.each([
    ["sensr.hum", ["sensor.hum", "sensor.Temp"]],
    ["*setings", ["app.settings"]],
    ["*", undefined],
    ["sensor", undefined],
    ["none is like it", []],
  ])("and if there is none like %s, the nearest keys", (name_filter, nearest) => {
    expect(pageOfRecords(contextOf(), named, { name_filter }, 0).nearest).toEqual(nearest);
  });
});

test.each(VERSIONS)(
  "describeRecord tells what feeds and reads a record of an AimX %s host",
  async (aimx) => {
    const transform = { kind: "transform", input: "temp", map: () => undefined } as const;
    const host = await startHost({
      aimx,
      records: [
        ring("temp", { origin: { kind: "source" }, taps: 1 }),
        latest("f", { origin: transform }),
      ],
    });
    const { context, view } = await watchHost(host);
    expect(pageOfRecords(context, view, {}, 0).records).toMatchObject([
      {
        producers: [{ type: "source" }],
        consumers: [{ type: "tap" }, { type: "transform", record: "f" }],
      },
      { producers: [{ type: "transform", record: "temp" }], consumers: [] },
    ]);
  },
);

test.each(VERSIONS)(
  "describeRecord tells the newest sample and the pace of an AimX %s host's record",
  async (aimx) => {
    const host = await startHost({ aimx, records: [ring("r"), latest("empty")] });
    const { context, view, values } = await watchHost(host);
    const sessionStartMs = context.clock.monotonicMs();
    for (const n of [1, 2, 3]) {
      context.clock.advance(250);
      host.produce("r", { n });
      await until("the sample", () => values("r").length === n);
    }
    expect(pageOfRecords(context, view, {}, sessionStartMs).records).toMatchObject([
      {
        latest: {
          at_ms: 750,
          time_source: aimx === "1.0" ? "host" : "observed",
          sequence: 3,
        },
        mean_interval_ms: 250,
      },
      { latest: null, mean_interval_ms: null },
    ]);
  },
);

test("describeRecord passes on what a host measures of a record", () => {
  const signal_stats = [{ signal: "celsius", unit: "°C", mean: 21.5 }];
  const row = rowOf("a", { entity: "a", signal_stats, produced_count: 3 });
  expect(describeRecord(contextOf(), { rows: [], graph: undefined }, row, 0)).toMatchObject({
    entity: "a",
    signal_stats,
    produced_count: 3,
  });
});

test("describeRecord names some of hundreds that feed a record, so that its row fits an answer", () => {
  const inputs = Array.from({ length: 1_800 }, (_, i) => `${"input.".repeat(40)}${i}`);
  const ends = inputs.map((record) => ({ type: "transform_join", record }));
  const graph = {
    nodes: [],
    edges: [],
    order: [],
    origins: new Map([["a", { transform_join: { inputs } }]]),
    producers: new Map([["a", ends]]),
    consumers: new Map([["a", ends]]),
  };
  const row = describeRecord(contextOf(), { rows: [], graph }, rowOf("a"), 0);

  expect(row).toMatchObject({
    consumer_count: 1_800,
    origin: { transform_join: "(too long to show)" },
  });
  expect(JSON.stringify(row).length).toBeLessThan(MAX_RESULT_BYTES);
});
