import { describe, expect, test } from "vitest";
import { parseWorkerFrame, workerFrameSchema } from "#shared/link/frame.ts";
import { MAX_KEY_LENGTH, MAX_TEXT_LENGTH, MAX_WAIT_MS } from "#shared/link/limits.ts";
import { METHODS, methodSchema } from "#shared/link/method.ts";

const SAMPLE = {
  value: 21.5,
  at_ms: -12.5,
  time_source: "observed",
  sequence: 7,
  epoch: "5e1f.0",
};
const ROW = {
  record_key: "sensors.temperature",
  type_name: "Temperature",
  type_id: "TypeId(0x1f)",
  buffer_type: "spmc_ring",
  origin: null,
  producer_count: null,
  consumer_count: null,
  producers: null,
  consumers: null,
  writable: false,
  writable_reason: "The device file does not open it.",
  created_at: null,
  last_update: null,
  observed: "live",
  latest: null,
  mean_interval_ms: null,
};
const LATEST = { at_ms: -1.5, time_source: "observed", sequence: 7 };
const READ = { record: "a", wait_ms: 0, max_samples: 0, max_bytes: 1 };
const SAMPLES = {
  record_key: "a",
  loss: "counted",
  samples: [SAMPLE],
  gaps: [],
  cursor: { epoch: "5e1f.0", sequence: 7 },
  more: false,
};

test("the list of methods is closed [M-1]", () => {
  expect(methodSchema.options).toEqual(Object.keys(METHODS));
  expect(methodSchema.safeParse("record.delete").success).toBe(false);
});

test("a request of a method outside the list is malformed [M-1]", () => {
  const request = { t: "req", id: "0".repeat(32), instance: "boiler", principal: "p" };
  const call = { ...request, deadline_ms: 1_000, method: "config.set", params: {} };

  expect(parseWorkerFrame(JSON.stringify(call))).toMatchObject({ error: { reason: "malformed" } });
});

test("nothing but these fields reaches a relay: no configuration, path, address or program [X-1]", () => {
  const frames = workerFrameSchema.def.options.map(({ shape }) => Object.keys(shape).join(" "));
  const params = Object.values(METHODS).map(({ params }) => Object.keys(params.shape).join(" "));

  expect(frames).toEqual([
    "t version session heartbeat_interval_ms server_time_ms continuity features",
    "t id instance principal deadline_ms method params traceparent tracestate",
    "t id",
    "t",
    "t ids",
  ]);
  expect(params).toEqual([
    "offset limit writable_only name_filter",
    "record",
    "records trace_points",
    "record value not_after_ms approval expected dry_run skip_validation limits",
    "record include_example",
    "record limit max_bytes",
    "record after from wait_ms max_samples max_bytes until_in_ms",
    "records wait_ms max_samples max_bytes",
    "record from_in_ms to_in_ms max_points bucket_ms max_bytes",
    "record offset limit",
    "record offset limit",
    "what",
  ]);
});

test.each(["/tmp/a.sock", "../a", "gateway-1/boiler", "a.sock", "unix:a", "https://a"])(
  "a request names no instance %s, only an announced name [X-1]",
  (instance) => {
    const request = { t: "req", id: "0".repeat(32), principal: "p", deadline_ms: 1_000 };
    const call = { ...request, instance, method: "record.list", params: {} };

    expect(parseWorkerFrame(JSON.stringify(call)).ok).toBe(false);
  },
);

describe("record.list", () => {
  const { params, result } = METHODS["record.list"];

  test.each([
    [{}, true],
    [{ offset: 0, limit: 1, writable_only: true }, true],
    [{ limit: 2_000 }, true],
    [{ limit: 0 }, false],
    [{ limit: 2_001 }, false],
    [{ offset: -1 }, false],
    [{ offset: 0.5 }, false],
    [{ writable_only: "yes" }, false],
    [{ name_filter: "sensors.*" }, true],
    [{ name_filter: "" }, false],
    [{ name_filter: "k".repeat(MAX_KEY_LENGTH + 1) }, false],
  ])("takes params %j: %s", (value, success) => {
    expect(params.safeParse(value).success).toBe(success);
  });

  test.each([
    ["a row of a host without a graph", ROW, true],
    ["a row of a host with one", { ...ROW, origin: "source", producer_count: 1 }, true],
    ["what feeds it", { ...ROW, producers: [{ type: "transform", record: "b" }] }, true],
    ["what reads it", { ...ROW, consumers: [{ type: "link_out", protocol: "mqtt" }] }, true],
    ["a reader of no type", { ...ROW, consumers: [{ record: "b" }] }, false],
    ["its newest sample", { ...ROW, latest: LATEST, mean_interval_ms: 12.5 }, true],
    ["a sample without a time", { ...ROW, latest: { ...LATEST, at_ms: undefined } }, false],
    ["a row with counts", { ...ROW, buffer_capacity: 64, produced_count: 9 }, true],
    ["an unknown buffer", { ...ROW, buffer_type: "queue" }, false],
    ["an unknown way of observing", { ...ROW, observed: "sometimes" }, false],
    ["no reason", { ...ROW, writable_reason: undefined }, false],
  ])("has in its result %s: %s", (_name, row, success) => {
    const page = { records: [row], total: 1, next_offset: null };

    expect(result.safeParse(page).success).toBe(success);
  });
});

describe.each(["record.get", "record.set", "samples.read"] as const)("%s", (method) => {
  const { params } = METHODS[method];
  const rest = { ...READ, value: 1, not_after_ms: 0 };

  test.each([
    ["a key", "sensors.temperature", true],
    ["the longest key", "k".repeat(MAX_KEY_LENGTH), true],
    ["a longer one", "k".repeat(MAX_KEY_LENGTH + 1), false],
    ["no key", "", false],
    ["a number", 7, false],
    ["nothing", undefined, false],
  ])("takes for record %s", (_name, record, success) => {
    expect(params.safeParse({ ...rest, record }).success).toBe(success);
  });
});

test.each([null, false, 0, "", [], {}])("record.set takes the value %j", (value) => {
  const write = { record: "a", value, not_after_ms: 25_000 };

  expect(METHODS["record.set"].params.safeParse(write).data).toEqual(write);
});

test("record.set takes no params without a value", () => {
  expect(METHODS["record.set"].params.safeParse({ record: "a", not_after_ms: 0 }).success).toBe(
    false,
  );
});

const NOT_APPLIED = { code: "instance_down", message: "It has ended." };

test.each([
  [{ outcome: "applied", record_key: "a", echo: "same" }, true],
  [{ outcome: "applied", record_key: "a", echo: "differs" }, true],
  [{ outcome: "applied", record_key: "a", echo: "absent" }, true],
  [{ outcome: "applied", record_key: "a" }, false],
  [{ outcome: "applied", ...NOT_APPLIED }, false],
  [{ outcome: "refused", ...NOT_APPLIED }, true],
  [{ outcome: "not_applied", ...NOT_APPLIED, details: { nearest: ["b"] } }, true],
  [{ outcome: "unknown", ...NOT_APPLIED }, true],
  [{ outcome: "unknown", code: "teapot", message: "" }, false],
  [{ outcome: "unknown", code: "internal" }, false],
  [{ outcome: "unknown", code: "internal", message: "m".repeat(MAX_TEXT_LENGTH + 1) }, false],
  [{ outcome: "accepted", record_key: "a", echo: "same" }, false],
])("record.set has the result %j: %s", (outcome, success) => {
  expect(METHODS["record.set"].result.safeParse(outcome).success).toBe(success);
});

test.each([
  [{}, true],
  [{ after: { epoch: "5e1f.0", sequence: 0 }, until_in_ms: -1 }, true],
  [{ wait_ms: MAX_WAIT_MS, max_samples: 10_000, max_bytes: 200_000 }, true],
  [{ wait_ms: MAX_WAIT_MS + 1 }, false],
  [{ wait_ms: -1 }, false],
  [{ wait_ms: undefined }, false],
  [{ max_samples: 10_001 }, false],
  [{ max_samples: -1 }, false],
  [{ max_bytes: 0 }, false],
  [{ max_bytes: 200_001 }, false],
  [{ after: { epoch: "5e1f.0" } }, false],
  [{ after: { epoch: "e".repeat(41), sequence: 0 } }, false],
  [{ after: { epoch: "5e1f.0", sequence: -1 } }, false],
  [{ after: null }, false],
  [{ from: "oldest" }, true],
  [{ from: "yesterday" }, false],
])("samples.read takes params with %j: %s", (params, success) => {
  expect(METHODS["samples.read"].params.safeParse({ ...READ, ...params }).success).toBe(success);
});

test.each([
  [{}, true],
  [{ samples: [] }, true],
  [{ gaps: [{ reason: "relay_restarted", missed: null }] }, true],
  [{ gaps: [{ reason: "not_kept", missed: 3 }] }, true],
  [{ gaps: [{ reason: "forgotten", missed: 3 }] }, false],
  [{ gaps: [{ reason: "not_kept" }] }, false],
  [{ loss: "unknown" }, false],
  [{ cursor: null }, false],
  [{ more: undefined }, false],
])("samples.read has a result with %j: %s", (result, success) => {
  expect(METHODS["samples.read"].result.safeParse({ ...SAMPLES, ...result }).success).toBe(success);
});
