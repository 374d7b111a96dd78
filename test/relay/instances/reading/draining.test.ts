import { describe, expect, test } from "vitest";
import { Drainer } from "../../../../relay/instances/reading/draining.ts";
import { connectHost } from "../../../../relay/instances/host/connect.ts";
import { HostConnection } from "../../../../relay/instances/host/host-connection.ts";
import { IDLE_CLOSE_MS, IdleLane } from "../../../../relay/instances/host/idle-lane.ts";
import {
  latest,
  mailbox,
  ring,
  startHost,
  VERSIONS,
  type Version,
} from "../../support/host-side/host.ts";
import { until } from "../../support/until.ts";
import { contextOf, watchHost } from "../../support/host-side/watched-host.ts";

const TEXT = { struct: { text: "string" } } as const;

/** With room for one standing subscription, so that all but "watched" are on demand. */
const RECORDS = [
  ring("watched"),
  ring("r", { buffer: { kind: "spmc_ring", capacity: 512 } }),
  ring("other"),
  ring("wide", { shape: TEXT }),
  latest("state", { initial: { n: 1 } }),
  mailbox("command", { taps: 0 }),
  ring("locked", { remoteAccess: false }),
];

async function begin(aimx: Version) {
  const host = await startHost({ aimx, records: RECORDS, config: { maxSubscriptions: 2 } });
  const context = contextOf();
  const { view, row } = await watchHost(host, context);
  const { socketPath } = host;
  const { clock } = context;
  const open = () =>
    HostConnection.open({ socketPath, connect: connectHost, clock, timeoutMs: 5_000 });
  const lane = new IdleLane({ open, clock });
  const drainer = new Drainer(context, lane);
  const drain = (
    record: string,
    { limit = 100, max_bytes, signal = new AbortController().signal }: DrainOptions = {},
  ) => {
    const params = { record, limit, ...(max_bytes === undefined ? {} : { max_bytes }) };
    return drainer.drain({ row: row(record), view, params, signal });
  };
  return { host, clock, drain };
}

interface DrainOptions {
  readonly limit?: number;
  readonly max_bytes?: number;
  readonly signal?: AbortSignal;
}

describe.each(VERSIONS)("Drainer on an AimX %s host", (aimx) => {
  test("gives what was produced since the drain before, and says which was the first", async () => {
    const { host, drain } = await begin(aimx);
    expect(await drain("r")).toEqual({
      ok: true,
      value: { record_key: "r", values: [], is_first: true, more: false },
    });
    for (const n of [1, 2]) host.produce("r", { n });
    expect(await drain("r")).toEqual({
      ok: true,
      value: { record_key: "r", values: [{ n: 1 }, { n: 2 }], is_first: false, more: false },
    });
    expect(await drain("r")).toMatchObject({ value: { values: [], is_first: false } });
  });

  test("gives more than one request takes, in order", async () => {
    const { host, drain } = await begin(aimx);
    await drain("r");
    const values = Array.from({ length: 250 }, (_, n) => ({ n }));
    for (const value of values) host.produce("r", value);
    expect(await drain("r", { limit: 10_000 })).toMatchObject({ value: { values, more: false } });
  });

  test("gives no more than asked for, and the rest the next time", async () => {
    const { host, drain } = await begin(aimx);
    await drain("r");
    for (const n of [1, 2, 3]) host.produce("r", { n });
    expect(await drain("r", { limit: 2 })).toMatchObject({
      value: { values: [{ n: 1 }, { n: 2 }] },
    });
    expect(await drain("r")).toMatchObject({ value: { values: [{ n: 3 }] } });
  });

  test("holds what does not fit an answer for the next, and loses none [Q-10]", async () => {
    const { host, drain } = await begin(aimx);
    await drain("wide");
    const texts = Array.from({ length: 9 }, (_, n) => ({ text: `${n}${"x".repeat(1_000)}` }));
    for (const text of texts) host.produce("wide", text);

    const seen: unknown[] = [];
    for (let n = 0; n < 20; n += 1) {
      const drained = await drain("wide", { max_bytes: 2_500 });
      const { values = [], more = false } = drained.ok ? drained.value : {};
      expect(values.length).toBeLessThanOrEqual(2);
      seen.push(...values);
      if (!more) break;
    }

    expect(seen).toEqual(texts);
  });

  test("asks the host for no more once it holds more than an answer may have", async () => {
    const { host, drain } = await begin(aimx);
    const asked = () => host.requestCounts.get("record.drain") ?? 0;
    await drain("r");
    await until("the cursors", () => asked() === 4);
    for (let n = 0; n < 250; n += 1) host.produce("r", { n });
    await drain("r", { limit: 10_000, max_bytes: 100 });
    expect(asked()).toBe(5);
  });

  test("gives one value however large", async () => {
    const { host, drain } = await begin(aimx);
    await drain("wide");
    host.produce("wide", { text: "x".repeat(5_000) });
    expect(await drain("wide", { max_bytes: 1 })).toMatchObject({
      value: { values: [{}], more: false },
    });
  });

  test("keeps for the next what nobody waited for [Q-10]", async () => {
    const { host, drain } = await begin(aimx);
    await drain("r");
    host.produce("r", { n: 1 });
    const ending = new AbortController();
    const gone = drain("r", { signal: ending.signal });
    await until("the request", () => (host.requestCounts.get("record.drain") ?? 0) > 1);
    ending.abort();
    await gone;
    expect(await drain("r")).toMatchObject({ value: { values: [{ n: 1 }] } });
  });

  test("gathers the other rings that are not observed from then on", async () => {
    const { host, drain } = await begin(aimx);
    await drain("r");
    await until("the cursors", () => (host.requestCounts.get("record.drain") ?? 0) >= 3);
    host.produce("other", { n: 7 });
    expect(await drain("other")).toMatchObject({ value: { values: [{ n: 7 }] } });
  });

  test("begins anew after a minute without use", async () => {
    const { host, clock, drain } = await begin(aimx);
    await drain("r");
    host.produce("r", { n: 1 });
    const before = host.connectionCount;
    clock.advance(IDLE_CLOSE_MS);
    await until("the connection ends", () => host.connectionCount === before - 1);
    expect(await drain("r")).toMatchObject({ value: { values: [], is_first: true } });
  });

  test("takes no message of a mailbox [M-18]", async () => {
    const { host, drain } = await begin(aimx);
    host.produce("command", { n: 1 });
    expect(await drain("command")).toMatchObject({ error: { code: "not_observable" } });
    expect(host.requestCounts.get("record.drain")).toBeUndefined();
  });

  test("sends to its samples who drains a record that is observed [Q-9]", async () => {
    const { host, drain } = await begin(aimx);
    expect(await drain("watched")).toMatchObject({ error: { code: "conflict" } });
    expect(host.requestCounts.get("record.drain")).toBeUndefined();
  });

  test("says that a record was built without remote access", async () => {
    const { drain } = await begin(aimx);
    expect(await drain("locked")).toMatchObject({ error: { code: "no_remote_access" } });
  });

  test("does not ask again where the host hung up [Q-2]", async () => {
    const { host, drain } = await begin(aimx);
    await drain("r");
    await until("all cursors", () => host.requestCounts.get("record.drain") === 4);
    host.setFaults({ unansweredMethod: "record.drain" });
    const drained = drain("r");
    await until("the request", () => host.requestCounts.get("record.drain") === 5);
    host.dropConnections();
    expect(await drained).toMatchObject({ error: { code: "instance_down" } });
    expect(host.requestCounts.get("record.drain")).toBe(5);
  });

  test("drains one after the other", async () => {
    const { host, drain } = await begin(aimx);
    await drain("r");
    for (const n of [1, 2, 3]) host.produce("r", { n });
    const [first, second] = await Promise.all([drain("r", { limit: 2 }), drain("r")]);
    expect(first).toMatchObject({ value: { values: [{ n: 1 }, { n: 2 }] } });
    expect(second).toMatchObject({ value: { values: [{ n: 3 }] } });
  });
});
