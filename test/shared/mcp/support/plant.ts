/** The instance of the plan's own conversations: five records, one of which nothing produces. */
import type { MethodResult } from "#shared/link/method.ts";
import type { ListedRecord } from "#shared/fleet/fleet.ts";
import type { JsonObject } from "#shared/json/json.ts";
import { every, instanceRow, recordRow } from "./builders.ts";
import type { FakeInstance } from "./fake-fleet.ts";

const TAP = { type: "tap" };
const SOURCE = { type: "source" };

const records: readonly ListedRecord[] = [
  recordRow("server::Temperature", {
    buffer_type: "spmc_ring",
    buffer_capacity: 100,
    origin: "source",
    producer_count: 1,
    producers: [SOURCE],
    consumers: [TAP, { type: "transform", record: "server::Fahrenheit" }],
    consumer_count: 2,
    writable: false,
    writable_reason: "The application produces it.",
    signal_stats: [{ signal: "temperature", unit: "°C", count: 15 }],
  }),
  recordRow("server::Fahrenheit", {
    type_name: "server::Fahrenheit",
    origin: { transform: { input: "server::Temperature" } },
    producer_count: 1,
    producers: [{ type: "transform", record: "server::Temperature" }],
    consumers: [],
    consumer_count: 0,
    writable: false,
    writable_reason: "The application produces it.",
  }),
  recordRow("server::UserEvents", {
    type_name: "server::UserEvents",
    buffer_type: "spmc_ring",
    buffer_capacity: 100,
    origin: "source",
    producer_count: 1,
    producers: [SOURCE],
    consumers: [TAP, TAP, TAP],
    consumer_count: 3,
    writable: false,
    writable_reason: "The application produces it.",
  }),
  recordRow("server::Config", {
    type_name: "server::Config",
    consumers: [TAP, TAP, TAP],
    consumer_count: 3,
  }),
  recordRow("server::Commands", {
    type_name: "server::Command",
    buffer_type: "mailbox",
    consumers: [],
    consumer_count: 0,
    observed: "never",
  }),
];

/** Slowly rising: a tenth of a degree a minute, from 23.4 on. */
export function temperature(n: number): JsonObject {
  return { celsius: 23.4 + Math.round((n / 30) * 100) / 1_000, humidity: 45 };
}

export const GRAPH: MethodResult<"graph.get"> = {
  nodes: records.map(({ record_key, origin, buffer_type, buffer_capacity, consumers }) => ({
    key: record_key,
    origin,
    buffer_type,
    buffer_capacity: buffer_capacity ?? null,
    tap_count: (consumers ?? []).filter(({ type }) => type === "tap").length,
    has_outbound_link: false,
  })),
  edges: [
    { from: null, to: "server::Temperature", edge_type: "source" },
    { from: "server::Temperature", to: null, edge_type: { tap: { index: 0 } } },
    { from: "server::Temperature", to: "server::Fahrenheit", edge_type: "transform" },
    { from: null, to: "server::UserEvents", edge_type: "source" },
  ],
  order: records.map(({ record_key }) => record_key),
};

export const DIAGNOSTICS: MethodResult<"diagnostics.get"> = {
  has_metrics: true,
  has_profiling: true,
  records: records.map(({ record_key, type_name, buffer_type }) => ({
    record_key,
    type_name,
    buffer_type,
    produced_count: record_key === "server::Config" ? 0 : 120,
    consumed_count: 240,
    dropped_count: record_key === "server::UserEvents" ? 4 : 0,
    occupancy: record_key === "server::UserEvents" ? [73, 100] : [0, 100],
    stage_profiling:
      record_key === "server::Temperature"
        ? [
            stage("source", { call_count: 120, total_time_ns: 240e9, avg_time_ns: 2e9 }),
            stage("tap", { call_count: 120, total_time_ns: 12e9, avg_time_ns: 1e8 }),
            stage("transform", { call_count: 120, total_time_ns: 3e6, avg_time_ns: 25_000 }),
          ]
        : [],
    kept_samples: 120,
    kept_bytes: 6_000,
  })),
  total: records.length,
  next_offset: null,
  relay: { subscriptions: 3, max_subscriptions: 8, store_bytes: 24_000, store_limit_bytes: 4e6 },
};

function stage(stage_type: string, times: JsonObject): JsonObject {
  return { stage_type, index: 0, ...times, min_time_ns: 1, max_time_ns: 3e9 };
}

export const PLANT_ID = "gw-1/aimdb-demo";

export function plant(change: Partial<FakeInstance> = {}): FakeInstance {
  return {
    row: instanceRow(PLANT_ID, { record_count: 5, writable_count: 2 }),
    records,
    readings: new Map(),
    timelines: new Map([
      ["server::Temperature", every(2_000, -30, 60, temperature)],
      ["server::Fahrenheit", every(2_000, -30, 60, (n) => ({ fahrenheit: 74 + n / 100 }))],
      ["server::UserEvents", every(500, -120, -40, (n) => ({ user_id: 42, event: `e${n}` }))],
    ]),
    graph: GRAPH,
    diagnostics: DIAGNOSTICS,
    ...change,
  };
}
