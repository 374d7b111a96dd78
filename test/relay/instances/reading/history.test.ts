import { describe, expect, test } from "vitest";
import { isJsonObject } from "#shared/json/json.ts";
import { METHODS, type Params } from "#shared/link/method.ts";
import type { CallContext } from "../../../../relay/instances/instance.ts";
import { SampleStore } from "../../../../relay/store/sample-store.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import {
  latest,
  mailbox,
  restart,
  ring,
  startHost,
  VERSIONS,
  type HostOptions,
  type Version,
} from "../../support/host-side/host.ts";
import { runInstance } from "../../support/host-side/running-instance.ts";
import { until } from "../../support/until.ts";

const RECORDS = [
  ring("kept", { persisted: true, taps: 1 }),
  ring("kept_", { persisted: true, taps: 1 }),
  ring("r"),
  latest("a.*", { persisted: true, taps: 1 }),
  mailbox("command"),
];
const ALL = { max_points: 2_000, max_bytes: 200_000 };

async function begin(aimx: Version, more: Partial<HostOptions> = {}) {
  const clock = new ManualClock();
  const host = await startHost({
    aimx,
    records: RECORDS,
    clock: () => BigInt(clock.wallMs()) * 1_000_000n,
    ...more,
  });
  const store = new SampleStore({ limitBytes: 8_000_000, processEpoch: "p" });
  const running = await runInstance(host, { clock, store });
  const { instance } = running;
  const now = { record: "r", wait_ms: 0, max_samples: 0, max_bytes: 1 };
  await instance.samples(now, { signal: new AbortController().signal });
  const sessionStartMs = clock.monotonicMs();
  const call: CallContext = {
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    sessionStartMs,
  };
  const ask = async (record: string, params: Partial<Params<"samples.history">> = {}) => {
    const result = await instance.history({ record, ...ALL, ...params }, call);
    if (!result.ok) return result;
    const value = JSON.parse(JSON.stringify(result.value));
    return { ok: true, value: METHODS["samples.history"].result.parse(value) } as const;
  };
  /** One value each 100 ms, the last of them now. They arrive when they are produced. */
  const produce = async (record: string, count: number, isWatched = true) => {
    for (let n = 1; n <= count; n += 1) {
      clock.advance(100);
      host.produce(record, { n });
      if (isWatched) await until("it arrives", () => newest(record) === n);
    }
  };
  const newest = (record: string) => {
    const value = store.latest(`boiler/${record}`)?.value;
    return isJsonObject(value) ? value["n"] : undefined;
  };
  return { ...running, clock, host, ask, produce, call };
}

type Asked = Awaited<ReturnType<Awaited<ReturnType<typeof begin>>["ask"]>>;

const valuesOf = (asked: Asked) =>
  asked.ok ? asked.value.samples.map(({ value }) => (value as { n: number }).n) : asked;

describe.each(VERSIONS)("history of an AimX %s host with persistence", (aimx) => {
  test("is what the host stored, with the host's times [Q-11]", async () => {
    const { ask, produce } = await begin(aimx);
    await produce("kept", 3);

    const asked = await ask("kept");

    expect(asked).toMatchObject({
      ok: true,
      value: {
        record_key: "kept",
        loss: "not_visible",
        source: "host",
        total: 3,
        is_total_exact: true,
        gaps: [],
        oldest_at_ms: 100,
        samples: [
          { value: { n: 1 }, at_ms: 100, host_time: "2026-11-20T12:00:00.100Z" },
          { value: { n: 2 }, at_ms: 200, time_source: "host", sequence: null },
          { value: { n: 3 }, at_ms: 300, epoch: "p.0" },
        ],
      },
    });
    expect(asked.ok && asked.value.host_reason).toBeUndefined();
  });

  test("is that of a span of time, both ends included", async () => {
    const { ask, produce } = await begin(aimx);
    await produce("kept", 9);

    const asked = await ask("kept", { from_in_ms: -600, to_in_ms: -200 });

    expect(valuesOf(asked)).toEqual([3, 4, 5, 6, 7]);
    expect(asked).toMatchObject({
      value: { total: 5, is_total_exact: true, oldest_at_ms: null },
    });
    expect(await ask("kept", { from_in_ms: -1_000_000 })).toMatchObject({
      value: { total: 9, oldest_at_ms: 100 },
    });
  });

  test("is empty where the span is, though the host has more [Q-11]", async () => {
    const { ask, produce, clock } = await begin(aimx);
    await produce("kept", 2);
    clock.advance(10_000);
    expect(await ask("kept", { from_in_ms: -100 })).toMatchObject({
      value: { source: "host", samples: [], total: 0, oldest_at_ms: null },
    });
    expect(await ask("kept", { to_in_ms: -60_000 })).toMatchObject({
      value: { source: "host", samples: [], total: 0 },
    });
  });

  test("is the newest where not all fits, and says that there is more [Q-13]", async () => {
    const { ask, produce } = await begin(aimx);
    await produce("kept", 9);
    const asked = await ask("kept", { max_points: 3 });
    expect(valuesOf(asked)).toEqual([7, 8, 9]);
    expect(asked).toMatchObject({ value: { total: 3, is_total_exact: false } });
    expect(valuesOf(await ask("kept", { max_bytes: 1 }))).toEqual([9]);
  });

  test("is made into buckets of everything in the span [Q-14]", async () => {
    const { ask, produce } = await begin(aimx);
    await produce("kept", 2_500, false);
    const asked = await ask("kept", { bucket_ms: 100_000, max_points: 2 });
    expect(asked).toMatchObject({
      value: {
        samples: [],
        buckets: [
          { at_ms: 50_000, count: 1_000, fields: { n: { min: 501, max: 1_500, mean: 1_000.5 } } },
          { at_ms: 150_000, count: 1_000, fields: { n: { min: 1_501, max: 2_500, last: 2_500 } } },
        ],
        is_total_exact: false,
      },
    });
    expect(await ask("kept", { bucket_ms: 1_000_000 })).toMatchObject({
      value: { total: 2_500, is_total_exact: true, buckets: [{ count: 2_500 }] },
    });
  });

  test("has every one of many values of one millisecond", async () => {
    const { ask, host, produce } = await begin(aimx);
    await produce("kept", 1);
    for (let n = 2; n <= 40; n += 1) host.produce("kept", { n });
    expect(valuesOf(await ask("kept"))).toHaveLength(40);
  });

  test("is of no other record, though the host takes the key for a pattern [Q-12]", async () => {
    const { ask, produce } = await begin(aimx);
    await produce("kept", 1);
    await produce("kept_", 2);
    expect(valuesOf(await ask("kept_"))).toEqual([1, 2]);
    expect(valuesOf(await ask("kept"))).toEqual([1]);
  });

  test("is not asked for under a key that is a pattern [Q-12]", async () => {
    const { ask, produce, host } = await begin(aimx);
    await produce("a.*", 2, false);
    const before = host.requestCounts.get("record.query");
    expect(await ask("a.*")).toMatchObject({
      value: { source: "relay", host_reason: expect.stringContaining("wildcard") },
    });
    expect(host.requestCounts.get("record.query")).toBe(before);
  });

  test("has a connection of its own, so that a slow query holds up nothing", async () => {
    const { ask, host, instance, clock, call } = await begin(aimx);
    await until("the first query", () => host.requestCounts.get("record.query") === 1);
    host.setFaults({ unansweredMethod: "record.query" });
    const asked = ask("r");
    await until("the query", () => host.requestCounts.get("record.query") === 2);

    expect(await instance.list({}, call)).toMatchObject({ ok: true });

    clock.advance(10_000);
    expect(await asked).toMatchObject({
      value: { source: "relay", host_reason: "The host's persistence did not answer in time." },
    });
  });
});

describe.each(VERSIONS)("history of a record that an AimX %s host does not store", (aimx) => {
  test("is what the relay kept, and why [Q-11]", async () => {
    const { ask, produce } = await begin(aimx);
    await produce("r", 3);
    const asked = await ask("r");
    expect(valuesOf(asked)).toEqual([1, 2, 3]);
    expect(asked).toMatchObject({
      value: {
        source: "relay",
        loss: { "1.0": "not_visible", "2.0": "lower_bound", "3.0": "counted" }[aimx],
        total: 3,
        is_total_exact: true,
        oldest_at_ms: 100,
        samples: [{ sequence: 1 }, { sequence: 2 }, { sequence: 3, at_ms: 300 }],
        host_reason: "The host's persistence holds nothing of this record.",
      },
    });
  });

  test("is that of a host without persistence", async () => {
    const { ask, produce } = await begin(aimx, { config: { hasPersistence: false } });
    await produce("kept", 2);
    expect(await ask("kept")).toMatchObject({
      value: {
        source: "relay",
        total: 2,
        host_reason: expect.stringContaining("built without persistence"),
      },
    });
  });

  test("is cut in time and made into buckets as the host's is [Q-14]", async () => {
    const { ask, produce } = await begin(aimx);
    await produce("r", 9);
    expect(valuesOf(await ask("r", { from_in_ms: -600, to_in_ms: -200 }))).toEqual([3, 4, 5, 6, 7]);
    const asked = await ask("r", { bucket_ms: 300, max_points: 2 });
    expect(asked).toMatchObject({
      value: {
        buckets: [
          { at_ms: 300, count: 3, fields: { n: { min: 4, max: 6, mean: 5, last: 6 } } },
          { at_ms: 600, count: 3, fields: { n: { min: 7, max: 9, mean: 8, last: 9 } } },
        ],
        total: 9,
        is_total_exact: true,
      },
    });
  });

  test("names the time when the host was away [Q-15]", async () => {
    const { ask, produce, host } = await begin(aimx);
    await produce("r", 1);
    const gone = await restart(host, { records: RECORDS });
    expect(await ask("r")).toMatchObject({
      value: { total: 1, gaps: [{ reason: "host_reconnected", missed: null }] },
    });
    expect(gone.requestCounts.get("record.query")).toBeGreaterThan(0);
  });

  test("is refused of a mailbox, which nobody watches [M-18]", async () => {
    const { ask } = await begin(aimx);
    expect(await ask("command")).toMatchObject({ error: { code: "not_observable" } });
  });
});

test("history of a host that is gone is what the relay kept of it", async () => {
  const { ask, produce, host, isUp } = await begin("3.0");
  await produce("r", 2);
  await host.close({ leaveSocketFile: true });
  await until("it is down", () => !isUp());

  const asked = await ask("r");

  expect(valuesOf(asked)).toEqual([1, 2]);
  expect(asked).toMatchObject({
    value: {
      source: "relay",
      loss: "counted",
      gaps: [{ reason: "host_reconnected", missed: null }],
      host_reason: expect.stringContaining("Nobody listens on its socket"),
    },
  });
  expect(await ask("command")).toMatchObject({ error: { code: "instance_down" } });
  expect(await ask("none")).toMatchObject({ error: { code: "instance_down" } });
});

test("history of a record that is not watched yet is empty, and watches it from then on", async () => {
  const records = [ring("r"), ring("r2"), ring("r3")];
  const { ask, produce } = await begin("3.0", { records, config: { maxSubscriptions: 2 } });
  expect(await ask("r3")).toMatchObject({ value: { source: "relay", total: 0 } });
  await produce("r3", 2);
  expect(valuesOf(await ask("r3"))).toEqual([1, 2]);
});

test("history of a host whose values fill more than one answer is read in smaller parts", async () => {
  const text = { struct: { n: "u64", text: "string" } } as const;
  const records = [ring("r"), latest("wide", { shape: text, persisted: true, taps: 1 })];
  const { ask, host, clock } = await begin("3.0", { records });
  for (let n = 1; n <= 120; n += 1) {
    clock.advance(10);
    host.produce("wide", { n, text: "x".repeat(60_000) });
  }
  const asked = await ask("wide", { bucket_ms: 1_000_000 });
  expect(asked).toMatchObject({ value: { source: "host", total: 120, buckets: [{ count: 120 }] } });
});
