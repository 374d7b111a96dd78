import { expect, test } from "vitest";
import { METHODS } from "#shared/link/method.ts";
import { describeRecord, pageOfRecords } from "../../../relay/instances/records.ts";
import { latest, mailbox, ring, startHost, VERSIONS } from "../support/host.ts";
import { rowOf } from "../support/builders.ts";
import { contextOf, watchHost } from "../support/watched-host.ts";

const view = {
  rows: ["a", "b", "c", "d"].map((key, i) => rowOf(key, { writable: i % 2 === 0 })),
  graph: {
    origins: new Map(["a", "b", "c", "d"].map((key) => [key, "passive"])),
    consumers: new Map([["a", 2]]),
  },
};

function page(params: Parameters<typeof pageOfRecords>[2]) {
  const { records, total, next_offset } = pageOfRecords(contextOf(), view, params);
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
  const { records, next_offset } = pageOfRecords(contextOf(), { rows, graph: undefined }, {});
  expect(records).toHaveLength(100);
  expect(next_offset).toBe(100);
});

test("describeRecord says what nobody can know without a graph", () => {
  expect(describeRecord(contextOf(), { rows: [], graph: undefined }, rowOf("a"))).toMatchObject({
    origin: null,
    producer_count: null,
    consumer_count: null,
    writable: false,
  });
});

test("describeRecord says what nobody can know of a record that the graph lacks", () => {
  const graph = { origins: new Map(), consumers: new Map() };
  expect(describeRecord(contextOf(), { rows: [], graph }, rowOf("a"))).toMatchObject({
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

  const { records } = pageOfRecords(context, view, {});

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
  const result = pageOfRecords(context, view, {});
  expect(METHODS["record.list"].result.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
});
