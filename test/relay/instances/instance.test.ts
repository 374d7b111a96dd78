import { chown, rm } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { MAX_FAILURES } from "../../../relay/instances/host/breaker.ts";
import { configOf } from "../support/host-side/builders.ts";
import { latest, mailbox, restart, ring, startHost, VERSIONS } from "../support/host-side/host.ts";
import { reasonOf, runInstance, untilDown } from "../support/host-side/running-instance.ts";
import { METHOD_NOT_FOUND, startPlainHost } from "../support/host-side/scripted-socket.ts";
import { turns, until } from "../support/until.ts";
import { writeOf } from "../support/worker-side/write-request.ts";

const RECORDS = [ring("r"), latest("a", { initial: { n: 1 } }), mailbox("command")];
const TIMEOUT_MS = 5_000;
const READ_NOW = { wait_ms: 0, max_samples: 100, max_bytes: 100_000 };
const isRoot = process.getuid?.() === 0;

const CALL = {
  timeoutMs: TIMEOUT_MS,
  signal: new AbortController().signal,
  sessionStartMs: 0,
};

const signal = () => new AbortController().signal;

describe.each(VERSIONS)("Instance of an AimX %s host", (aimx) => {
  async function begin() {
    const host = await startHost({ aimx, records: RECORDS });
    return { host, ...(await runInstance(host)) };
  }

  test("is up once it knows the records, and says so", async () => {
    const { instance, log, seen } = await begin();
    expect(instance.announce()).toMatchObject({
      name: "boiler",
      state: "up",
      protocol_version: aimx,
      record_count: 3,
      writable_count: 2,
      records: [{ key: "r" }, { key: "a" }, { key: "command" }],
    });
    expect(log.of("instance_up")).toEqual([
      { level: "info", event: "instance_up", instance: "boiler", protocol: aimx, records: 3 },
    ]);
    expect(seen.changes).toBe(1);
  });

  test("tells what the host can do, its persistence once that has answered", async () => {
    const { instance, seen } = await begin();
    await until("the persistence answered", () => seen.changes === 2);
    const metrics = aimx === "2.0" ? [] : ["metrics", "profiling"];
    expect(instance.announce()).toMatchObject({
      capabilities: ["graph", "drain", "history", ...metrics],
    });
  });

  test("holds two connections to its host, one more to ask for its persistence", async () => {
    const { host, instance, seen } = await begin();
    await instance.get("a", TIMEOUT_MS);
    await instance.list({}, CALL);
    await until("the persistence answered", () => seen.changes === 2);
    await until("that connection ended", () => host.connectionCount === 2);
    expect(host.acceptedCount).toBe(3);
  });

  test("lists records", async () => {
    const { instance } = await begin();
    expect(await instance.list({ limit: 2 }, CALL)).toMatchObject({
      value: { records: [{ record_key: "r" }, { record_key: "a" }], total: 3, next_offset: 2 },
    });
  });

  test("reads a record by its key and by its type", async () => {
    const { instance } = await begin();
    const reading = {
      recordKey: "a",
      loss: { "1.0": "not_visible", "2.0": "lower_bound", "3.0": "counted" }[aimx],
      sample: { value: { n: 1 }, sequence: 1 },
    };
    expect(await instance.get("a", TIMEOUT_MS)).toMatchObject({ value: reading });
    expect(await instance.get("host::a", TIMEOUT_MS)).toMatchObject({ value: reading });
  });

  test("reads samples behind a cursor", async () => {
    const { host, instance } = await begin();
    const first = await instance.samples({ record: "r", ...READ_NOW }, { signal: signal() });
    const after = first.ok ? first.value.reading.cursor : undefined;
    for (const n of [1, 2]) host.produce("r", { n });
    await instance.get("r", TIMEOUT_MS);

    const second = await instance.samples(
      { record: "r", ...READ_NOW, after },
      { signal: signal() },
    );

    expect(second).toMatchObject({
      value: { recordKey: "r", reading: { samples: [{ value: { n: 1 } }, { value: { n: 2 } }] } },
    });
  });

  test("writes a record and reads what it wrote", async () => {
    const { instance } = await begin();
    const value = { n: 2 };
    expect(await instance.set("a", writeOf(value))).toMatchObject({
      outcome: "applied",
      record_key: "a",
    });
    expect(await instance.get("a", TIMEOUT_MS)).toMatchObject({ value: { sample: { value } } });
  });

  test("names the nearest record where there is none of the name", async () => {
    const { instance } = await begin();
    const unknown = { code: "unknown_record", details: { nearest: ["command"] } };
    expect(await instance.get("comand", TIMEOUT_MS)).toMatchObject({ error: unknown });
    expect(
      await instance.samples({ record: "comand", ...READ_NOW }, { signal: signal() }),
    ).toMatchObject({
      error: unknown,
    });
    expect(await instance.set("comand", writeOf(1))).toMatchObject({
      outcome: "not_applied",
      ...unknown,
    });
  });

  test("answers the second of two reads between which the host was restarted", async () => {
    const { host, instance } = await begin();
    await instance.get("a", TIMEOUT_MS);

    const records = [ring("r"), latest("a", { initial: { n: 2 } })];
    await restart(host, { records });

    expect(await instance.get("a", TIMEOUT_MS)).toMatchObject({
      value: { sample: { value: { n: 2 }, sequence: 2, epoch: "p.1" } },
    });
    expect(await instance.list({}, CALL)).toMatchObject({ value: { total: 2 } });
  });

  test("finds its host again by itself, and watches it", async () => {
    const running = await begin();
    const { host, instance, clock } = running;
    const next = await restart(host, { records: RECORDS });
    await untilDown(running);

    clock.advance(5_000);
    await until("the instance is up", running.isUp);
    clock.advance(5_000);
    await until("both connections", () => next.connectionCount === 2);
    const reading = instance.samples(
      { record: "r", ...READ_NOW, wait_ms: 20_000, max_samples: 1 },
      { signal: signal() },
    );
    await until("the wait", () => clock.isDueIn(20_000));
    next.produce("r", { n: 5 });

    expect(await reading).toMatchObject({ value: { reading: { samples: [{ value: { n: 5 } }] } } });
  });

  test("does not ask again where the host hung up on a write", async () => {
    const { host, instance } = await begin();
    host.setFaults({ closeOnSet: true });
    expect(await instance.set("a", writeOf({ n: 2 }))).toMatchObject({ outcome: "unknown" });
    await instance.get("a", TIMEOUT_MS);
    expect(host.requestCounts.get("record.set")).toBe(1);
  });
});

test.each(["2.0", "3.0"] as const)(
  "Instance says where an AimX %s host hung up on a read that it may be asked again, and goes on",
  async (aimx) => {
    const host = await startHost({ aimx, records: RECORDS });
    const { instance } = await runInstance(host);
    // Behind the greeting, the list, the graph's three parts and one value.
    host.setFaults({ cutReply: 7 });
    const values = [];
    for (let n = 0; n < 4; n += 1) values.push(await instance.get("a", TIMEOUT_MS));
    expect(values).toContainEqual({
      ok: false,
      error: expect.objectContaining({ code: "instance_down", details: { retry_after_s: 0 } }),
    });
    expect(values.filter(({ ok }) => ok).length).toBeGreaterThan(1);
  },
);

describe("Instance whose host is gone", () => {
  test("says why, in what it announces and in its answers, however often it is asked", async () => {
    const host = await startHost({ aimx: "3.0", records: RECORDS });
    const running = await runInstance(host);
    await host.close({ leaveSocketFile: true });
    await untilDown(running);

    const message =
      "The relay can't reach the AimDB process. Nobody listens on its socket: the AimDB process has ended.";
    const error = { code: "instance_down", message };
    const { instance } = running;
    for (let n = 0; n <= MAX_FAILURES; n += 1)
      expect(await instance.get("a", TIMEOUT_MS)).toEqual({ ok: false, error });
    expect(await instance.list({}, CALL)).toEqual({ ok: false, error });
    expect(await instance.set("a", writeOf(1))).toEqual({ outcome: "not_applied", ...error });
    expect(instance.announce()).toMatchObject({
      state: "down",
      reason: "Nobody listens on its socket: the AimDB process has ended.",
      record_count: 3,
      records: [{ key: "r" }, { key: "a" }, { key: "command" }],
    });
    expect(running.log.of("instance_down")).toHaveLength(1);
  });

  test("tells of each new reason, and of an old one no more than once", async () => {
    const host = await startHost({ aimx: "3.0", records: RECORDS });
    const running = await runInstance(host);
    const changes = [running.seen.changes];
    await host.close({ leaveSocketFile: true });
    await untilDown(running);
    const attempt = async () => {
      await running.instance.get("a", TIMEOUT_MS);
      changes.push(running.seen.changes);
    };

    await attempt();
    await attempt();
    await rm(host.socketPath);
    await attempt();
    await attempt();

    expect(reasonOf(running)).toBe("Its socket file is gone.");
    const [atStart = 0, refused = 0, again, gone, andAgain] = changes;
    expect(refused).toBeGreaterThan(atStart);
    expect([again, gone, andAgain]).toEqual([refused, refused + 1, refused + 1]);
  });

  test("is down from the start where it never was up, and tells so", async () => {
    const host = await startHost({ aimx: "3.0" });
    await host.close({ leaveSocketFile: true });
    const running = await runInstance(host);
    expect(running.instance.announce()).toMatchObject({ state: "down", record_count: 0 });
    expect(reasonOf(running)).toContain("Nobody listens");
    expect(running.seen.changes).toBe(1);
  });
});

describe("Instance whose host hangs", () => {
  test("gives up on a host that is silent for its time, not the caller's, and comes back when the host does", async () => {
    const host = await startHost({ aimx: "3.0", records: RECORDS });
    const running = await runInstance(host);
    const { instance, clock } = running;
    await instance.get("a", TIMEOUT_MS);
    host.setFaults({ hang: true });

    const reading = instance.get("a", 2_000);
    await turns();
    clock.advance(5_000);
    expect(await reading).toMatchObject({ error: { code: "instance_slow" } });

    await untilDown(running);
    host.setFaults({});
    expect(await instance.get("a", TIMEOUT_MS)).toMatchObject({ ok: true });
  });

  test("says that it starts, then that the greeting is late", async () => {
    const host = await startHost({ aimx: "3.0", faults: { hang: true } });
    const running = await runInstance(host, { settles: false });
    expect(reasonOf(running)).toBe("The relay is connecting to it.");
    await until("both connections", () => host.connectionCount === 2);

    running.clock.advance(5_000);
    await running.instance.settled;

    expect(reasonOf(running)).toBe("It did not answer the AimX greeting in time.");
  });

  test("comes up though its records are told slowly", async () => {
    const host = await startHost({ aimx: "3.0", records: RECORDS });
    host.setFaults({ replyDelayMs: 5 });
    const running = await runInstance(host);
    expect(running.isUp()).toBe(true);
    expect(await running.instance.get("a", TIMEOUT_MS)).toMatchObject({ ok: true });
  });
});

describe("Instance trusts", () => {
  test("no socket of a user who is not among the owners", async () => {
    const host = await startHost({ aimx: "3.0" });
    const running = await runInstance(host, { owners: new Set([54_321]) });
    expect(reasonOf(running)).toMatch(/^It belongs to user \d+\./);
    expect(host.acceptedCount).toBe(0);
  });

  test.runIf(isRoot)("no socket that another user put in its place", async () => {
    const host = await startHost({ aimx: "3.0", records: RECORDS });
    const running = await runInstance(host);
    const next = await restart(host, { records: RECORDS });
    await chown(next.socketPath, 54_321, 54_321);
    await untilDown(running);

    const reading = await running.instance.get("a", TIMEOUT_MS);

    expect(reading).toMatchObject({
      error: { code: "instance_down", message: expect.stringContaining("belongs to user 54321") },
    });
    expect(next.acceptedCount).toBe(0);
  });
});

test("Instance hides records from every answer [M-3]", async () => {
  const host = await startHost({ aimx: "3.0", records: RECORDS });
  const { instance } = await runInstance(host, { config: configOf({ hiddenRecords: ["a"] }) });

  expect(instance.announce()).toMatchObject({
    record_count: 2,
    records: [{ key: "r" }, { key: "command" }],
  });
  expect(await instance.list({}, CALL)).toMatchObject({ value: { total: 2 } });
  expect(await instance.get("a", TIMEOUT_MS)).toMatchObject({
    error: { code: "unknown_record", details: { nearest: ["r"] } },
  });
  expect(host.requestCounts.get("record.get")).toBeUndefined();
});

test("Instance answers of a hidden record as of one that does not exist [M-3]", async () => {
  const answersOf = async (records: typeof RECORDS, hiddenRecords: string[]) => {
    const host = await startHost({ aimx: "3.0", records });
    const { instance } = await runInstance(host, { config: configOf({ hiddenRecords }) });
    return [
      await instance.get("a", TIMEOUT_MS),
      await instance.get("host::a", TIMEOUT_MS),
      await instance.set("a", writeOf({ n: 2 })),
      await instance.samples({ record: "a", ...READ_NOW }, { signal: signal() }),
    ];
  };

  const hidden = await answersOf(RECORDS, ["a"]);

  expect(hidden[2]).toMatchObject({ outcome: "not_applied", code: "unknown_record" });
  expect(hidden).toEqual(
    await answersOf(
      RECORDS.filter(({ key }) => key !== "a"),
      [],
    ),
  );
});

test("Instance of a host without a graph can't tell producers, and writes only where told", async () => {
  const row = (record_key: string) => ({
    record_key,
    name: `host::${record_key}`,
    type_id: "TypeId(0x1)",
    buffer_type: "single_latest",
    writable: true,
  });
  const host = await startPlainHost(({ method }) => {
    switch (method) {
      case "record.list":
        return { result: [row("a"), row("b")] };
      case "record.subscribe":
        return { result: { subscription_id: "sub-1" } };
      case "record.set":
        return { result: { status: "success", value: 1 } };
      default:
        return METHOD_NOT_FOUND;
    }
  });
  const writableRecords = [{ record: "*" }, { record: "b", assume_no_producer: true }];
  const { instance } = await runInstance(host, { config: configOf({ writableRecords }) });
  const set = (record: string) => instance.set(record, writeOf(1));

  expect(await set("a")).toMatchObject({ outcome: "refused", code: "refused_by_device" });
  expect(await set("b")).toMatchObject({ outcome: "applied" });
  expect(await instance.list({}, CALL)).toMatchObject({
    value: { records: [{ origin: null, producer_count: null, consumer_count: null }, {}] },
  });
  expect(instance.announce()).toMatchObject({ capabilities: [], release_range: "0.1.0 – 0.2.0" });
});

test("Instance that was stopped leaves its host and answers nothing", async () => {
  const host = await startHost({ aimx: "3.0", records: RECORDS });
  const { instance, clock } = await runInstance(host);
  await instance.get("a", TIMEOUT_MS);

  instance.stop();
  await until("the host sees the end", () => host.connectionCount === 0);
  const { acceptedCount } = host;
  clock.advance(60_000);
  await turns();

  expect(host.acceptedCount).toBe(acceptedCount);
  expect(await instance.get("a", TIMEOUT_MS)).toMatchObject({ error: { code: "instance_down" } });
});

test("Instance backs off from a host that does not tell its records", async () => {
  const host = await startPlainHost(({ method }) =>
    method === "record.list" ? { result: "none" } : { result: [] },
  );
  const running = await runInstance(host);
  const before = host.connectionCount;
  for (let n = 0; n < 100; n += 1) {
    running.clock.advance(50);
    await turns(10);
  }
  expect(running.isUp()).toBe(false);
  expect(host.connectionCount - before).toBeLessThan(20);
});
