import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { RateLimit } from "#shared/access/rate-limit.ts";
import { CallingFleet } from "#shared/fleet/calling-fleet.ts";
import { brokenRead } from "#shared/fleet/broken-read.ts";
import { failure } from "#shared/failure.ts";
import type { WriteRequest } from "#shared/fleet/fleet.ts";
import type { JsonValue } from "#shared/json/json.ts";
import { err } from "#shared/result.ts";
import type { Instance } from "../../../relay/instances/instance.ts";
import { RELAY_VERSION } from "../../../relay/version.ts";
import { startHost } from "../support/host-side/host.ts";
import { localFleet, localFleetWithHost } from "../support/local-fleet.ts";
import { until } from "../support/until.ts";

function writeOf(value: JsonValue, more: Partial<WriteRequest> = {}): WriteRequest {
  const asks = { form: false, url: false };
  return { record: "a", value, isDryRun: false, skipsValidation: false, asks, ...more };
}

describe("LocalCalls", () => {
  test("look at no socket before the first question", async () => {
    const { host, fleet } = await localFleetWithHost();

    expect(host.connectionCount).toBe(0);

    await fleet.instances({});
    expect(host.connectionCount).toBeGreaterThan(0);
  });

  test("let the first question wait for the first scan, whatever it is", async () => {
    const { fleet } = await localFleetWithHost();

    const [read, list] = await Promise.all([
      fleet.getRecord("local/boiler", "a"),
      fleet.listRecords("local/boiler", { offset: 0, limit: 9, writableOnly: false }),
    ]);

    expect(read).toMatchObject({ ok: true, value: { sample: { value: { n: 1 } } } });
    expect(list).toMatchObject({ ok: true, value: { total: 2 } });
  });

  test("wait no longer than six seconds for a host that hangs", async () => {
    const { fleet, clock, path } = await localFleet();
    await startHost({ aimx: "3.0", socketPath: path("hung.sock"), faults: { hang: true } });

    const overview = fleet.instances({});
    await until("the wait", () => clock.isDueIn(6_000));
    clock.advance(6_000);

    expect(await overview).toMatchObject({ relayCount: 1 });
  });

  test("ask a read again whose host broke off", async () => {
    const { host, fleet } = await localFleetWithHost();
    // Behind the greeting, the list, the graph's three parts and one value.
    host.setFaults({ cutReply: 7 });

    const values = [];
    for (let n = 0; n < 6; n += 1) values.push(await fleet.getRecord("local/boiler", "a"));

    expect(values.every(({ ok }) => ok)).toBe(true);
  });

  test("ask it again in the time that is left", async () => {
    let asked = 0;
    const get = async () => {
      asked += 1;
      if (asked > 1) return new Promise(() => {});
      begun.clock.advance(10_000);
      return err(brokenRead(failure("instance_down", "It broke off.")));
    };
    const begun = await localFleet({ server: { find: () => ({ get }) as unknown as Instance } });

    const read = begun.fleet.getRecord("local/boiler", "a");
    await until("the wait", () => begun.clock.isDueIn(4_900));
    begun.clock.advance(4_900);

    expect(await read).toMatchObject({ ok: false, error: { code: "instance_slow" } });
    expect(asked).toBe(2);
  });

  test("show each instance as one of the relay local", async () => {
    const { fleet, path } = await localFleetWithHost();
    await writeFile(path("file.sock"), "");

    expect(await fleet.instances({ record: "a" })).toEqual({
      relayCount: 1,
      instances: [
        expect.objectContaining({
          instance: "local/boiler",
          relay: "local",
          name: "boiler",
          status: "up",
          socket_path: path("boiler.sock"),
          record_count: 2,
          relayVersion: RELAY_VERSION,
          clockOffsetMs: 0,
          hasRecord: true,
        }),
      ],
      skipped: [{ relay: "local", reason: "It is not a socket." }],
      failed: [],
    });
    expect(await fleet.instances({ record: "none" })).toMatchObject({
      instances: [{ hasRecord: false }],
    });
  });

  test.each(["gw/boiler", "local/tank", "boiler"])("know no instance %s", async (instance) => {
    const { fleet } = await localFleetWithHost();

    expect(await fleet.getRecord(instance, "a")).toMatchObject({
      ok: false,
      error: { code: "unknown_instance" },
    });
  });

  test("write where the device file opens the record, and say what came of it", async () => {
    const { fleet } = await localFleetWithHost();

    expect(await fleet.setRecord("local/boiler", writeOf({ n: 5 }))).toMatchObject({
      value: { status: "ended", outcome: { outcome: "applied" } },
    });
    expect(await fleet.getRecord("local/boiler", "a")).toMatchObject({
      value: { sample: { value: { n: 5 } } },
    });
  });

  test("write once where the same write is asked for again before it is answered", async () => {
    const { fleet } = await localFleetWithHost();
    const write = writeOf({ n: 5 }, { idempotencyKey: "k" });
    const other = writeOf({ n: 6 }, { idempotencyKey: "k" });

    const [first, again, conflict] = await Promise.all([
      fleet.setRecord("local/boiler", write),
      fleet.setRecord("local/boiler", write),
      fleet.setRecord("local/boiler", other),
    ]);

    expect(first).toMatchObject({ value: { outcome: { outcome: "applied" } } });
    expect(again).toEqual(first);
    expect(conflict).toMatchObject({ error: { code: "idempotency_conflict" } });
  });

  test("report a write with the time of its end, whenever they are asked", async () => {
    const { fleet, clock } = await localFleetWithHost();
    const written = await fleet.setRecord("local/boiler", writeOf({ n: 2 }));

    clock.advance(60_000);

    const callId = written.ok ? written.value.callId : "";
    expect(await fleet.writeReport(callId)).toEqual(written);
  });

  test("refuse a write where the device file does not open the record", async () => {
    const { fleet } = await localFleetWithHost({ config: { writableRecords: [] } });

    expect(await fleet.setRecord("local/boiler", writeOf({}))).toMatchObject({
      value: { outcome: { outcome: "refused", code: "refused_by_device" } },
    });
  });

  test("call unknown a write during which the relay failed", async () => {
    const failing = { set: () => Promise.reject(new Error("a bug")) };
    const find = () => failing as unknown as Instance;
    const { fleet } = await localFleetWithHost({ server: { find } });

    expect(await fleet.setRecord("local/boiler", writeOf(1))).toMatchObject({
      value: {
        outcome: {
          outcome: "unknown",
          code: "internal",
          message: expect.stringContaining("may have been executed"),
        },
      },
    });
  });

  test("keep the device file's calls per minute", async () => {
    const { fleet } = await localFleetWithHost({ server: { rateLimit: new RateLimit(1, 0) } });

    await fleet.getRecord("local/boiler", "a");
    expect(await fleet.getRecord("local/boiler", "a")).toMatchObject({
      ok: false,
      error: { code: "rate_limited" },
    });
  });

  test("stand in the device's log as local", async () => {
    const entries: unknown[] = [];
    const audit = {
      append: async (entry: object) => {
        entries.push(entry);
      },
      close: async () => {},
    };
    const { fleet } = await localFleetWithHost({ audit });

    const written = await fleet.setRecord("local/boiler", writeOf({ n: 2 }));
    const callId = written.ok ? written.value.callId.replace("local.", "") : "";

    expect(entries).toMatchObject([
      { call_id: callId, principal: "local", instance: "boiler", phase: "intent" },
      { call_id: callId, principal: "local", phase: "outcome", outcome: "applied" },
    ]);
  });

  test("end what waits when the server is told to end", async () => {
    const { fleet, server, clock } = await localFleetWithHost();
    await fleet.getRecord("local/boiler", "a");

    const watched = fleet.watch("local/boiler", { record: "r", waitMs: 20_000 });
    await until("the wait", () => clock.isDueIn(20_000));
    server.cancelAll();

    expect(await watched).toMatchObject({ ok: false, error: { code: "link_lost" } });
  });
});

describe("a subscription over LocalCalls", () => {
  const request = {
    instance: "local/boiler",
    record: "r",
    durationMs: 60_000,
    maxEvents: undefined,
  };
  const read = { waitMs: 5_000, maxBytes: 9_000 };

  test("gives the samples that come, under the instance's whole id", async () => {
    const { fleet, host } = await localFleetWithHost();
    const opened = await fleet.subscribe({ ...request, maxEvents: 1 });
    const id = opened.ok ? opened.value.id : "";

    host.produce("r", { n: 7n });
    const batch = await fleet.readSubscription(id, read);

    expect(id).toMatch(/^local\.[0-9a-f]{32}$/);
    expect(batch).toMatchObject({
      ok: true,
      value: { instance: "local/boiler", recordKey: "r", samples: [{ value: { n: 7 } }] },
    });
    expect(await fleet.unsubscribe(id)).toEqual({ ok: true, value: "already_ended" });
  });

  test.each(["gw.1234", "local.1234", "local"])("is not known as %s", async (id) => {
    const { fleet } = await localFleetWithHost();

    const unknown = { ok: false, error: { code: "unknown_subscription" } };
    expect(await fleet.readSubscription(id, read)).toMatchObject(unknown);
    expect(await fleet.unsubscribe(id)).toMatchObject(unknown);
  });

  test("is not known by its handle under another relay's name", async () => {
    const { fleet } = await localFleetWithHost();
    const opened = await fleet.subscribe(request);
    const elsewhere = opened.ok ? opened.value.id.replace("local.", "gw.") : "";

    expect(await fleet.unsubscribe(elsewhere)).toMatchObject({
      error: { code: "unknown_subscription" },
    });
  });

  test("is one of five at most", async () => {
    const { fleet } = await localFleetWithHost();
    const open = () => fleet.subscribe({ ...request, maxEvents: undefined });
    for (let i = 0; i < 5; i += 1) await open();

    expect(await open()).toMatchObject({ error: { code: "too_many_subscriptions" } });
  });
});

test("a drain over LocalCalls gives what is new since the last one", async () => {
  const { fleet, host, clock } = await localFleetWithHost();
  const query = { record: "r", maxSamples: 9, maxBytes: 9_000 };
  await fleet.drain("local/boiler", query);
  const watched = fleet.watch("local/boiler", { record: "r", waitMs: 20_000 });
  await until("the wait", () => clock.isDueIn(20_000));
  host.produce("r", { n: 7n });
  await until("the gathering", () => clock.isDueIn(1));
  clock.advance(1);
  await watched;

  expect(await fleet.drain("local/boiler", query)).toMatchObject({
    ok: true,
    value: { from: "samples", samples: [{ value: { n: 7 } }], isFirst: false },
  });
  expect(await fleet.drain("local/boiler", query)).toMatchObject({ value: { samples: [] } });
});

describe("a caller that goes away", () => {
  const READ = { record: "r", after: undefined, waitMs: 20_000 };

  test("waits no longer, and nothing is asked for them any more", async () => {
    const { calls, clock } = await localFleetWithHost();
    const caller = new AbortController();
    const fleet = new CallingFleet(calls.until(caller.signal));
    const waiting = fleet.watch("local/boiler", READ);
    await until("the wait", () => clock.isDueIn(20_000));
    caller.abort();

    expect(await waiting).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(clock.isDueIn(20_000)).toBe(false);
    expect(await fleet.getRecord("local/boiler", "a")).toMatchObject({
      error: { code: "cancelled" },
    });
  });

  test("before the first scan is done begins no wait behind it", async () => {
    const { calls, clock, path } = await localFleet();
    await startHost({ aimx: "3.0", socketPath: path("hung.sock"), faults: { hang: true } });
    const caller = new AbortController();
    const waiting = new CallingFleet(calls.until(caller.signal)).watch("local/hung", READ);
    await until("the scan", () => clock.isDueIn(6_000));
    caller.abort();
    clock.advance(6_000);

    expect(await waiting).toMatchObject({ ok: false, error: { code: "cancelled" } });
  });

  test("ends nobody else's wait, and shares what outlives a request with them", async () => {
    const { calls, fleet, clock } = await localFleetWithHost();
    const caller = new AbortController();
    const theirs = new CallingFleet(calls.until(caller.signal));
    const request = {
      instance: "local/boiler",
      record: "r",
      durationMs: 60_000,
      maxEvents: undefined,
    };
    const opened = await theirs.subscribe(request);
    const id = opened.ok ? opened.value.id : "";
    const waiting = fleet.readSubscription(id, { waitMs: 20_000, maxBytes: 9_000 });
    await until("the wait", () => clock.isDueIn(20_000));
    caller.abort();
    clock.advance(20_000);

    expect(await waiting).toMatchObject({ ok: true, value: { samples: [] } });
    expect(await theirs.unsubscribe(id)).toEqual({ ok: true, value: "cancelled" });
  });

  test("has its write done", async () => {
    const { calls } = await localFleetWithHost();
    const caller = new AbortController();
    const writing = calls.until(caller.signal).write("local/boiler", writeOf({ n: 2 }));
    caller.abort();

    expect(await writing).toMatchObject({ ok: true, value: { status: "ended" } });
  });
});
