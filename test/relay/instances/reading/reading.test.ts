import { describe, expect, test } from "vitest";
import { readCurrent } from "../../../../relay/instances/reading/reading.ts";
import {
  latest,
  mailbox,
  ring,
  startHost,
  VERSIONS,
  type HostOptions,
  type Version,
} from "../../support/host-side/host.ts";
import { openConnection } from "../../support/host-side/open-connection.ts";
import { startPlainHost } from "../../support/host-side/scripted-socket.ts";
import { contextOf, watchHost, type WatchedHost } from "../../support/host-side/watched-host.ts";
import { until } from "../../support/until.ts";

const RECORDS = [
  ring("r"),
  latest("set", { initial: { n: 1 } }),
  latest("empty"),
  mailbox("idle", { taps: 0 }),
  mailbox("command"),
  latest("secret", { remoteAccess: false }),
];

async function begin(aimx: Version) {
  const host = await startHost({ aimx, records: RECORDS });
  return { host, ...(await watchHost(host)) };
}

function read({ context, calls, row }: WatchedHost, key: string, timeoutMs = 5_000) {
  return readCurrent(context, calls, row(key), timeoutMs);
}

/** What is observed comes from another host, so that a test decides when. */
async function observeOther({ context, view }: WatchedHost, of: HostOptions) {
  const other = await startHost(of);
  await context.observer.attach(await openConnection(other.socketPath, context.clock), view.rows);
  return other;
}

function waits({ context: { clock } }: WatchedHost, ms: number): Promise<void> {
  return until("the wait", () => clock.isDueIn(ms));
}

async function passWait(watched: WatchedHost, ms: number): Promise<void> {
  await waits(watched, ms);
  watched.context.clock.advance(ms);
}

describe.each(VERSIONS)("readCurrent on an AimX %s host", (aimx) => {
  const seenTime = aimx === "1.0" ? "host" : "observed";

  test("gives the value that was there, as the first sample", async () => {
    const watched = await begin(aimx);
    expect(await read(watched, "set")).toMatchObject({
      ok: true,
      value: {
        value: { n: 1 },
        sequence: 1,
        epoch: "p.0",
        timeSource: aimx === "1.0" ? "host" : "first_seen",
      },
    });
  });

  test("gives the value that was produced just now, with its sequence [M-4]", async () => {
    const watched = await begin(aimx);
    watched.host.produce("set", { n: 2 });
    expect(await read(watched, "set")).toMatchObject({
      value: { value: { n: 2 }, sequence: 2, timeSource: seenTime },
    });
  });

  test("gives a ring's newest value at once [M-4]", async () => {
    const watched = await begin(aimx);
    for (const n of [1, 2, 3]) watched.host.produce("r", { n });
    await until("the values", () => watched.values("r").length === 3);

    expect(await read(watched, "r")).toMatchObject({
      value: { value: { n: 3 }, sequence: 3, timeSource: seenTime },
    });
  });

  test("gives what was written just now", async () => {
    const watched = await begin(aimx);
    for (const n of [5, 6, 7]) {
      await watched.calls.request((d) => d.set("set", { n }), 1e9);
      expect(await read(watched, "set")).toMatchObject({
        value: { value: { n }, sequence: n - 3 },
      });
    }
  });

  test("gives the message that waits in a mailbox and leaves it there [S-4]", async () => {
    const watched = await begin(aimx);
    await watched.calls.request((d) => d.set("idle", { n: 4 }), 1e9);

    const readings = [await read(watched, "idle"), await read(watched, "idle")];

    const value = { value: { n: 4 }, sequence: null };
    expect(readings).toMatchObject([{ value }, { value }]);
    expect(watched.host.database.find("idle")?.buffer.peek()).toBeDefined();
  });

  test("says that a record which never held a value holds none", async () => {
    const watched = await begin(aimx);
    expect(await read(watched, "empty")).toMatchObject({ ok: false, error: { code: "no_value" } });
  });

  test("waits for the event of a value that it read", async () => {
    const watched = await begin(aimx);
    const other = await observeOther(watched, { aimx, records: RECORDS });
    watched.host.produce("set", { n: 2 });

    const reading = read(watched, "set");
    await waits(watched, 50);
    other.produce("set", { n: 2 });

    expect(await reading).toMatchObject({
      value: { value: { n: 2 }, sequence: 2, timeSource: seenTime },
    });
  });

  test("gives the host's value where its event does not come", async () => {
    const watched = await begin(aimx);
    await observeOther(watched, { aimx, records: RECORDS });
    watched.host.produce("set", { n: 2 });

    const reading = read(watched, "set");
    await passWait(watched, 50);

    expect(await reading).toMatchObject({ value: { value: { n: 2 }, sequence: null } });
  });

  test("gives a newer value where its event overtook the answer [M-4]", async () => {
    const watched = await begin(aimx);
    const other = await observeOther(watched, { aimx, records: RECORDS });
    watched.host.produce("set", { n: 2 });
    watched.host.setFaults({ hang: true });

    const reading = read(watched, "set");
    for (const n of [2, 3]) other.produce("set", { n });
    await until("both events", () => watched.values("set").length === 3);
    watched.host.setFaults({});
    await passWait(watched, 50);

    expect(await reading).toMatchObject({ value: { value: { n: 3 }, sequence: 3 } });
  });

  test("gives a newer value where its event overtook the answer that we had before", async () => {
    const watched = await begin(aimx);
    const other = await observeOther(watched, { aimx, records: RECORDS });
    watched.host.setFaults({ hang: true });

    const reading = read(watched, "set");
    other.produce("set", { n: 2 });
    await until("the event", () => watched.values("set").length === 2);
    watched.host.setFaults({});
    await passWait(watched, 50);

    expect(await reading).toMatchObject({ value: { value: { n: 2 }, sequence: 2 } });
  });

  test("gives no value that is older than the one it read [M-4]", async () => {
    const watched = await begin(aimx);
    const other = await observeOther(watched, { aimx, records: RECORDS });
    watched.host.produce("set", { n: 3 });

    const reading = read(watched, "set");
    await waits(watched, 50);
    other.produce("set", { n: 2 });
    await until("an older event", () => watched.values("set").length === 2);
    watched.context.clock.advance(50);

    expect(await reading).toMatchObject({ value: { value: { n: 3 } } });
  });

  test("never takes an older value for the host's because their times are near", async () => {
    const n = 1_795_171_453_137;
    const records = [latest("set", { initial: { n } })];
    const host = await startHost({ aimx, records: [latest("set", { initial: { n: n + 1 } })] });
    const watched = await watchHost(host);
    const other = await observeOther(watched, { aimx, records });
    other.produce("set", { n });
    await until("the older value", () => watched.values("set").length > 1);

    const reading = read(watched, "set");
    await passWait(watched, 50);

    expect(await reading).toMatchObject({ value: { value: { n: n + 1 } } });
  });

  test("gives a value that is too large to keep", async () => {
    const text = "x".repeat(100_000);
    const shape = { struct: { text: "string" } } as const;
    const records = [latest("big", { shape, initial: { text } })];
    const watched = await watchHost(await startHost({ aimx, records }));

    const reading = read(watched, "big");
    await passWait(watched, 50);

    expect(await reading).toMatchObject({ value: { value: { text }, sequence: null } });
  });

  test("fails as the connection does", async () => {
    const watched = await begin(aimx);
    watched.host.dropConnections();
    await watched.calls.closed;
    expect(await read(watched, "set")).toMatchObject({ error: { code: "instance_down" } });
  });

  test("gives the value of a record whose place is taken", async () => {
    const records = ["a", "b", "c"].map((key) => latest(key, { initial: { n: 1 } }));
    const config = { maxSubscriptions: 1 };
    const watched = await watchHost(await startHost({ aimx, records, config }));
    await read(watched, "a");
    watched.context.observer.watch("a", () => {});

    expect(await read(watched, "b")).toMatchObject({ value: { value: { n: 1 }, sequence: null } });
  });
});

describe.each(["2.0", "3.0"] as const)("readCurrent on a ring of an AimX %s host", (aimx) => {
  test("asks the host for nothing: its answer would come from a drain cursor [M-4]", async () => {
    const watched = await begin(aimx);
    watched.host.produce("r", { n: 1 });
    const before = watched.host.requestCounts.get("record.get");

    await read(watched, "r");
    await read(watched, "r");

    expect(watched.host.requestCounts.get("record.get")).toBe(before);
  });

  test("waits for the first value", async () => {
    const watched = await begin(aimx);
    const reading = read(watched, "r");
    await waits(watched, 3_000);
    watched.host.produce("r", { n: 1 });
    expect(await reading).toMatchObject({ value: { value: { n: 1 }, sequence: 1 } });
  });

  test.each([
    [5_000, 3_000],
    [1_000, 1_000],
  ])("waits of %d ms no longer than %d for it", async (timeoutMs, waitMs) => {
    const watched = await begin(aimx);
    const reading = read(watched, "r", timeoutMs);
    await passWait(watched, waitMs);

    expect(await reading).toMatchObject({
      error: { code: "no_value", message: expect.stringContaining("since the relay began") },
    });
  });

  test("answers at once of a ring that was watched and silent for so long", async () => {
    const watched = await begin(aimx);
    watched.context.clock.advance(3_000);

    expect(await read(watched, "r")).toMatchObject({
      error: { code: "no_value", message: expect.stringContaining("since the relay began") },
    });
  });

  test("waits for what is left of that time", async () => {
    const watched = await begin(aimx);
    watched.context.clock.advance(2_000);
    const reading = read(watched, "r");
    await passWait(watched, 1_000);

    expect(await reading).toMatchObject({ error: { code: "no_value" } });
  });

  test("says that the place is taken, not that there is no value", async () => {
    const config = { maxSubscriptions: 1 };
    const records = [ring("r"), ring("s")];
    const host = await startHost({ aimx, records, config });
    const watched = await watchHost(host);
    await watched.context.observer.ensure(watched.row("s"));
    watched.context.observer.watch("s", () => {});
    host.produce("r", { n: 1 });

    expect(await read(watched, "r")).toMatchObject({ error: { code: "too_many_subscriptions" } });
  });

  test("keeps the ring's place while it waits, whoever else asks", async () => {
    const records = [ring("r"), ring("s")];
    const host = await startHost({ aimx, records, config: { maxSubscriptions: 1 } });
    const watched = await watchHost(host);

    const first = read(watched, "r");
    const second = read(watched, "s");
    await waits(watched, 3_000);
    host.produce("r", { n: 1 });

    expect(await first).toMatchObject({ value: { value: { n: 1 } } });
    expect(await second).toMatchObject({ error: { code: "too_many_subscriptions" } });
  });

  test("says while nothing is watched what it can't know", async () => {
    const watched = await begin(aimx);
    watched.context.observer.detach();
    watched.host.produce("r", { n: 1 });
    expect(await read(watched, "r")).toMatchObject({
      error: { code: "no_value", message: expect.stringContaining("since the relay began") },
    });
  });
});

describe("readCurrent tells of a mailbox", () => {
  test("on AimX 1 what was last written, with the host's time, though it was consumed", async () => {
    const watched = await begin("1.0");
    watched.host.produce("command", { n: 3 });

    const reading = await read(watched, "command");

    expect(watched.host.database.find("command")?.lastTapped).toBeDefined();
    expect(reading).toMatchObject({
      value: { value: { n: 3 }, sequence: null, timeSource: "host" },
    });
  });

  test.each(["2.0", "3.0"] as const)("on AimX %s nothing once it was consumed", async (aimx) => {
    const watched = await begin(aimx);
    watched.host.produce("command", { n: 3 });
    expect(await read(watched, "command")).toMatchObject({
      error: { code: "no_value", message: expect.stringContaining("application has taken it") },
    });
  });
});

test.each([
  ["1.0", "no_value"],
  ["2.0", "no_remote_access"],
  ["3.0", "no_remote_access"],
] as const)("readCurrent on AimX %s calls a record without access %s", async (aimx, code) => {
  const watched = await begin(aimx);
  expect(await read(watched, "secret")).toMatchObject({ error: { code } });
});

test("readCurrent gives a slow host as long for its list as for anything else", async () => {
  const row = { name: "m", type_id: "T", buffer_type: "mailbox", writable: true };
  const held: (() => void)[] = [];
  let isSlow = false;
  const host = await startPlainHost(({ id, method }, socket) => {
    if (method === "record.get") return { result: 1 };
    if (method !== "record.list") return { result: [] };
    const answer = { id, result: [{ ...row, last_update: "1795171237.452008398" }] };
    const send = () => socket.write(`${JSON.stringify(answer)}\n`);
    if (isSlow) held.push(send);
    else send();
    return undefined;
  });
  const context = contextOf();
  const watched = await watchHost(host, context);
  isSlow = true;

  const reading = read(watched, "m");
  await until("the list is asked for", () => held.length === 1);
  context.clock.advance(4_000);
  held[0]?.();

  expect(await reading).toMatchObject({ value: { value: 1, timeSource: "host" } });
});

test.each([
  ["as old as the host says", 90_000, 90_000],
  ["no older than now, where the host's time is ahead", -90_000, 0],
])("readCurrent gives a mailbox's value %s", async (_case, toldAgeMs, ageMs) => {
  const context = contextOf();
  const last_update = ((context.clock.wallMs() - toldAgeMs) / 1_000).toFixed(9);
  const row = { name: "m", type_id: "T", buffer_type: "mailbox", writable: true, last_update };
  const host = await startPlainHost(({ method }) =>
    method === "record.get" ? { result: 1 } : { result: method === "record.list" ? [row] : [] },
  );
  const watched = await watchHost(host, context);

  const reading = await read(watched, "m");

  expect(reading).toMatchObject({
    value: { timeSource: "host", atMs: context.clock.monotonicMs() - ageMs },
  });
});
