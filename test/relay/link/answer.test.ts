import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { METHODS, type Method } from "#shared/link/method.ts";
import { answer, overdue, tooLate } from "../../../relay/link/answer.ts";
import { deviceWritesOf } from "../support/device/device-writes.ts";
import {
  latest,
  mailbox,
  ring,
  startHost,
  VERSIONS,
  type Version,
} from "../support/host-side/host.ts";
import { runInstance } from "../support/host-side/running-instance.ts";
import { until } from "../support/until.ts";

const RECORDS = [ring("r"), latest("a", { initial: { n: 1 } }), mailbox("m")];
const READ = { record: "r", wait_ms: 0, max_samples: 100, max_bytes: 100_000 };
const WATCH = {
  records: [{ record: "r" }, { record: "m" }],
  wait_ms: 0,
  max_samples: 100,
  max_bytes: 100_000,
};

async function begin(aimx: Version = "3.0", maxSubscriptions = 8) {
  const config = { maxSubscriptions, hasMetrics: true };
  const host = await startHost({ aimx, records: RECORDS, config });
  const { instance, clock } = await runInstance(host);
  const signal = new AbortController().signal;
  const ask = (method: Method, params: JsonValue) =>
    answer(method, params, {
      callId: randomBytes(16).toString("hex"),
      principal: "ann",
      writes: deviceWritesOf(() => instance, clock),
      instance,
      timeoutMs: 5_000,
      signal,
      sessionStartMs: clock.monotonicMs(),
    });
  await ask("record.get", { record: "a" });
  return { host, clock, ask };
}

describe.each(VERSIONS)("answer for an AimX %s host gives what a link carries", (aimx) => {
  test.each<[Method, JsonValue]>([
    ["record.list", {}],
    ["record.get", { record: "a" }],
    ["record.set", { record: "a", value: { n: 2 }, not_after_ms: 5_000 }],
    ["record.set", { record: "a", value: { n: 2 }, not_after_ms: 5_000, dry_run: true }],
    ["record.set", { record: "none", value: 1, not_after_ms: 5_000 }],
    ["samples.read", READ],
    ["samples.watch", WATCH],
    ["record.get_many", { records: ["a", "none"] }],
    ["record.schema", { record: "a", include_example: true }],
    ["samples.history", { record: "r", max_points: 10, max_bytes: 1_000 }],
    ["samples.history", { record: "a", max_points: 10, bucket_ms: 1_000, max_bytes: 1_000 }],
    ["graph.get", {}],
    ["diagnostics.get", {}],
    ["diagnostics.get", { record: "a", limit: 1 }],
    ["diagnostics.reset", { what: "buffer_metrics" }],
  ])("to %s %j", async (method, params) => {
    const { ask } = await begin(aimx);

    const result = await ask(method, params);

    const value = result.ok ? JSON.parse(JSON.stringify(result.value)) : undefined;
    expect(METHODS[method].result.parse(value)).toEqual(value);
  });

  test("to record.set of a value of another type, compared unless told not to", async () => {
    const { ask } = await begin(aimx);
    const set = { record: "a", value: { n: "two" }, not_after_ms: 5_000, dry_run: true };

    const [compared, skipped] = [
      await ask("record.set", set),
      await ask("record.set", { ...set, skip_validation: true }),
    ];

    expect(compared).toMatchObject({ value: { outcome: "not_applied", code: "invalid_value" } });
    expect(skipped).toMatchObject({ value: { outcome: "checked" } });
  });

  test("to record.drain of a record that it does not observe", async () => {
    const { ask } = await begin(aimx, 1);
    const result = await ask("record.drain", { record: "r", limit: 10 });
    expect(METHODS["record.drain"].result.parse(result.ok && result.value)).toMatchObject({
      record_key: "r",
      is_first: true,
    });
  });

  test("to record.get_many with a trace, where one is asked for [Q-5]", async () => {
    const { host, ask } = await begin(aimx);
    for (const n of [1, 2, 3]) host.produce("r", { n });
    const traceOf = async (params: JsonValue) => {
      const result = await ask("record.get_many", params);
      return METHODS["record.get_many"].result.parse(result.ok && result.value).entries[0]?.trace;
    };
    let trace: Awaited<ReturnType<typeof traceOf>>;
    await until("the samples", () => {
      void traceOf({ records: ["r"], trace_points: 10 }).then((next) => {
        trace = next;
      });
      return trace?.points.length === 3;
    });

    expect(trace?.field).toBe("n");
    expect(trace?.points.map(([, value]) => value)).toEqual([1, 2, 3]);
    expect(await traceOf({ records: ["r"] })).toBeUndefined();
  });

  test("to samples.read with samples and gaps", async () => {
    const { host, ask } = await begin(aimx);
    for (const n of [1, 2, 3]) host.produce("r", { n });
    const after = { epoch: "old.0", sequence: 9 };
    const read = () => ask("samples.read", { ...READ, after });
    let result = await read();
    await until("the samples", () => {
      void read().then((next) => {
        result = next;
      });
      return result.ok && "samples" in result.value && result.value.samples.length === 3;
    });

    const value = result.ok ? JSON.parse(JSON.stringify(result.value)) : undefined;
    expect(METHODS["samples.read"].result.parse(value)).toMatchObject({
      record_key: "r",
      samples: [{ value: { n: 1 } }, { value: { n: 2 } }, { value: { n: 3 } }],
      gaps: [{ reason: "relay_restarted", missed: null }],
      cursor: { sequence: 3 },
      more: false,
    });
  });
});

test.each<[Method, JsonValue]>([
  ["record.list", null],
  ["record.list", { limit: 0 }],
  ["record.list", { limit: 2_001 }],
  ["record.list", { offset: -1 }],
  ["record.get", {}],
  ["record.get", { record: "" }],
  ["record.get", { record: "x".repeat(257) }],
  ["record.get", { record: 1 }],
  ["record.set", { record: "a", not_after_ms: 0 }],
  ["record.set", { record: "a", value: 1 }],
  ["samples.read", { record: "r" }],
  ["samples.read", { ...READ, wait_ms: 25_001 }],
  ["samples.read", { ...READ, max_bytes: 0 }],
  ["samples.read", { ...READ, after: { epoch: "p.0" } }],
  ["record.get_many", { records: [] }],
  ["record.get_many", { records: ["a"], trace_points: 61 }],
  ["record.schema", {}],
  ["record.drain", { record: "a" }],
  ["samples.history", { record: "a", max_points: 0, max_bytes: 1 }],
  ["graph.get", null],
  ["diagnostics.get", { limit: 0 }],
  ["diagnostics.reset", { what: "all" }],
])("answer refuses %s %j [R-14]", async (method, params) => {
  const { ask } = await begin();
  expect(await ask(method, params)).toMatchObject({ ok: false, error: { code: "invalid_input" } });
});

test("answer passes over parameters that it does not know", async () => {
  const { ask } = await begin();
  expect(await ask("record.get", { record: "a", later: true })).toMatchObject({ ok: true });
});

test("answer tells sample times on the session's clock", async () => {
  const { host, clock, ask } = await begin();
  clock.advance(1_000);
  host.produce("a", { n: 2 });
  expect(await ask("record.get", { record: "a" })).toMatchObject({
    value: { sample: { value: { n: 2 }, at_ms: 0, time_source: "observed" } },
  });
});

test("answer tells sample times that no step of the wall clock moves [S-2]", async () => {
  const { host, clock, ask } = await begin();
  const read = () => ask("record.get", { record: "a" });

  clock.stepWall(3_600_000);
  host.produce("a", { n: 2 });
  const forward = await read();
  clock.stepWall(-7_200_000);
  clock.advance(500);
  const back = await read();

  const sample = { value: { n: 2 }, time_source: "observed" };
  expect([forward, back]).toMatchObject([
    { value: { sample: { ...sample, at_ms: 0 } } },
    { value: { sample: { ...sample, at_ms: -500 } } },
  ]);
});

test.each<[Method, object]>([
  ["record.get", { ok: false, error: { code: "instance_slow" } }],
  ["record.list", { ok: false, error: { code: "instance_slow" } }],
  ["samples.read", { ok: false, error: { code: "instance_slow" } }],
  [
    "diagnostics.reset",
    {
      ok: false,
      error: { code: "instance_slow", message: expect.stringContaining("may have been done") },
    },
  ],
  ["record.set", { ok: true, value: { outcome: "unknown", code: "instance_slow" } }],
])("overdue of %s is %j", (method, result) => {
  expect(overdue({ method, params: {} })).toMatchObject(result);
});

test("overdue says of a dry run that it changed nothing", () => {
  expect(overdue({ method: "record.set", params: { dry_run: true } })).toMatchObject({
    value: { outcome: "not_applied", code: "instance_slow" },
  });
});

test("tooLate says that a write was not begun, and of a read what overdue says", () => {
  const [write, read] = [
    { method: "record.set", params: {} },
    { method: "record.get", params: {} },
  ] as const;
  expect(tooLate(write)).toMatchObject({ ok: true, value: { outcome: "not_applied" } });
  expect(tooLate(read)).toEqual(overdue(read));
});
