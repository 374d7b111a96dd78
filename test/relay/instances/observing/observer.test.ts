import { describe, expect, test } from "vitest";
import { latest, mailbox, ring, startHost, VERSIONS } from "../../support/host-side/host.ts";
import { openConnection } from "../../support/host-side/open-connection.ts";
import { contextOf, samplesOf, watchHost } from "../../support/host-side/watched-host.ts";
import { until } from "../../support/until.ts";

const RECORDS = [
  ring("r"),
  latest("set", { initial: { n: 1 } }),
  latest("empty"),
  mailbox("command"),
  latest("secret", { remoteAccess: false }),
];

describe.each(VERSIONS)("Observer of an AimX %s host", (aimx) => {
  async function begin() {
    const host = await startHost({ aimx, records: RECORDS });
    const watched = await watchHost(host);
    return { host, ...watched };
  }

  test("keeps each produced value of a ring, in order", async () => {
    const { host, values } = await begin();
    for (let n = 1; n <= 20; n += 1) host.produce("r", { n });
    await until("the values", () => values("r").length === 20);
    expect(values("r")).toEqual(Array.from({ length: 20 }, (_, i) => ({ n: i + 1 })));
  });

  test("stamps a value with the time at which it came [S-3]", async () => {
    const { host, context, values } = await begin();
    context.clock.advance(1_234);

    host.produce("empty", { n: 5 });
    await until("the value", () => values("empty").length === 1);

    const [sample] = samplesOf(context, "empty");
    expect(sample).toMatchObject({ value: { n: 5 }, atMs: context.clock.monotonicMs() });
    expect(sample).toMatchObject(
      aimx === "1.0"
        ? { timeSource: "host", missed: null, hostTime: sample?.hostTime ?? "missing" }
        : { timeSource: "observed", missed: 0, hostTime: undefined },
    );
  });

  test("keeps the value that was there already, once", async () => {
    const { host, values } = await begin();
    await until("the value", () => values("set").length > 0);
    host.produce("set", { n: 2 });
    await until("the next value", () => values("set").length > 1);
    expect(values("set")).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("keeps nothing of a record that never held a value", async () => {
    const { values } = await begin();
    expect(values("empty")).toEqual([]);
  });

  test("takes the same value, produced again, for a sample of its own", async () => {
    const { host, values } = await begin();
    host.produce("set", { n: 2 });
    host.produce("set", { n: 2 });
    await until("both", () => values("set").length === 3);
    expect(values("set")).toEqual([{ n: 1 }, { n: 2 }, { n: 2 }]);
  });

  test("leaves mailboxes to the application [M-18]", async () => {
    const { host, context, row, values } = await begin();
    expect(context.observer.mode(row("command"))).toBe("never");
    expect(await context.observer.ensure(row("command"))).toBe("never");

    host.produce("command", { n: 9 });
    host.produce("r", { n: 1 });
    await until("a value behind it", () => values("r").length === 1);

    expect(host.database.find("command")?.lastTapped).toMatchObject({ n: 9n });
    expect(values("command")).toEqual([]);
    expect(host.requestCounts.get("record.drain")).toBeUndefined();
  });

  test("subscribes each record once, and only what can be", async () => {
    const { host, context, row } = await begin();
    const modes = ["r", "set", "empty", "command", "secret"].map((key) =>
      context.observer.mode(row(key)),
    );
    expect(modes).toEqual(["live", "live", "live", "never", "never"]);
    const count = aimx === "1.0" ? "record.subscribe" : "ping";
    // The one that the host refuses is asked for, too: a row does not tell.
    expect(host.requestCounts.get(count)).toBe(4);
  });

  test("does not ask again for a record that the host refused", async () => {
    const { host, context, row } = await begin();
    const before = new Map(host.requestCounts);
    expect(await context.observer.ensure(row("secret"))).toBe("never");
    expect(host.requestCounts).toEqual(before);
  });

  test("knows nothing of a record while no connection stands", async () => {
    const { context, row } = await begin();
    context.observer.detach();
    expect(context.observer.mode(row("r"))).toBe("never");
    expect(await context.observer.ensure(row("r"))).toBe("never");
  });

  test("keeps the value that was there over a new connection, and its number", async () => {
    const { host, context, view, values } = await begin();
    const before = samplesOf(context, "set");

    context.observer.detach();
    await context.observer.attach(await openConnection(host.socketPath), view.rows);
    host.produce("r", { n: 1 });
    await until("a value behind it", () => values("r").length === 1);

    expect(samplesOf(context, "set")).toEqual(before);
  });

  test("keeps what changed while no connection stood, as of another epoch [S-5]", async () => {
    const { host, context, view, values } = await begin();
    context.observer.detach();
    host.produce("set", { n: 2 });
    await context.observer.attach(await openConnection(host.socketPath), view.rows);
    host.produce("set", { n: 3 });
    await until("the last", () => values("set").length === 3);

    expect(
      samplesOf(context, "set").map(({ value, sequence, epoch }) => [value, sequence, epoch]),
    ).toEqual([
      [{ n: 1 }, 1, "p.0"],
      [{ n: 2 }, 2, "p.1"],
      [{ n: 3 }, 3, "p.1"],
    ]);
  });

  test("says nothing twice of what is produced while it subscribes", async () => {
    const host = await startHost({ aimx, records: [latest("a"), latest("b"), ring("r")] });
    let n = 0;
    const produceAll = () => {
      n += 1;
      for (const key of ["a", "b", "r"]) host.produce(key, { n });
    };
    produceAll();

    let isAttached = false;
    const watching = watchHost(host).finally(() => {
      isAttached = true;
    });
    await until("the subscriptions", () => {
      produceAll();
      return isAttached;
    });
    const { values } = await watching;
    produceAll();
    await until("the last values", () =>
      ["a", "b", "r"].every((key) => JSON.stringify(values(key).at(-1)) === JSON.stringify({ n })),
    );

    for (const key of ["a", "b", "r"]) {
      const seen = values(key).map((value) => (value as { n: number }).n);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(new Set(seen).size).toBe(seen.length);
    }
  });
});

describe("Observer tells the source of a first value's time", () => {
  test("on AimX 1: the host's own, with the age that follows [S-3]", async () => {
    const context = contextOf();
    const nowNs = () => BigInt(context.clock.wallMs()) * 1_000_000n;
    const records = [latest("set", { initial: { n: 1 } }), ring("r")];
    const host = await startHost({ aimx: "1.0", records, clock: nowNs });
    host.produce("r", { n: 7 });
    context.clock.advance(60_000);

    await watchHost(host, context);

    const atMs = context.clock.monotonicMs() - 60_000;
    const hostTime = "2026-11-20T12:00:00.000000000Z";
    expect(samplesOf(context, "set")).toMatchObject([{ timeSource: "host", hostTime, atMs }]);
    expect(samplesOf(context, "r")).toMatchObject([{ value: { n: 7 }, timeSource: "host", atMs }]);
  });

  test("on AimX 1 never as of the future, whatever the clocks say", async () => {
    const context = contextOf();
    const aheadNs = () => BigInt(context.clock.wallMs() + 5_000) * 1_000_000n;
    const records = [latest("set", { initial: { n: 1 } })];
    const host = await startHost({ aimx: "1.0", records, clock: aheadNs });

    await watchHost(host, context);

    expect(samplesOf(context, "set")).toMatchObject([{ atMs: context.clock.monotonicMs() }]);
  });

  test.each(["2.0", "3.0"] as const)(
    "on AimX %s: that it was there when we came [S-3]",
    async (aimx) => {
      const host = await startHost({ aimx, records: [latest("set", { initial: { n: 1 } })] });
      const { context } = await watchHost(host);
      expect(samplesOf(context, "set")).toMatchObject([
        { timeSource: "first_seen", atMs: context.clock.monotonicMs() },
      ]);
    },
  );
});

describe("Observer that does not keep up", () => {
  async function lag(aimx: (typeof VERSIONS)[number]) {
    const host = await startHost({ aimx, records: [ring("r")] });
    const { context, values } = await watchHost(host);
    host.produce("r", { n: 1 });
    await until("the first", () => values("r").length === 1);
    host.setFaults({ hang: true });
    for (let n = 2; n <= 165; n += 1) host.produce("r", { n });
    host.setFaults({});
    await until("the last", () => JSON.stringify(values("r").at(-1)) === '{"n":165}');
    return samplesOf(context, "r");
  }

  test("counts on AimX 3 what the ring overwrote [S-4]", async () => {
    const samples = await lag("3.0");
    expect(samples.map(({ missed }) => missed).filter((missed) => missed !== 0)).toEqual([100]);
    expect(samples.at(-1)?.sequence).toBe(165);
  });

  test("counts on AimX 2 what the host tells, which is not all", async () => {
    const samples = await lag("2.0");
    expect(samples.every(({ missed }) => missed === 0)).toBe(true);
  });

  test("claims on AimX 1 to know nothing of losses", async () => {
    const samples = await lag("1.0");
    expect(samples.every(({ missed }) => missed === null)).toBe(true);
  });
});

test("Observer calls those who watch a record, until they end it", async () => {
  const host = await startHost({ aimx: "3.0", records: [ring("r"), ring("s")] });
  const { context, values } = await watchHost(host);
  const heard: string[] = [];
  const unwatch = context.observer.watch("r", () => heard.push("r"));
  context.observer.watch("s", () => heard.push("s"));

  host.produce("r", { n: 1 });
  await until("r", () => heard.length === 1);
  unwatch();
  host.produce("r", { n: 2 });
  host.produce("s", { n: 1 });
  await until("s", () => heard.includes("s"));

  expect(heard).toEqual(["r", "s"]);
  expect(values("r")).toHaveLength(2);
});
