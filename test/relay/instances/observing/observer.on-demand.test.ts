import { describe, expect, test } from "vitest";
import type { Simulator } from "../../../../worker/selfhost/simulator/server.ts";
import { latest, ring, startHost, VERSIONS, type Version } from "../../support/host-side/host.ts";
import { openConnection } from "../../support/host-side/open-connection.ts";
import { startPlainHost } from "../../support/host-side/scripted-socket.ts";
import { contextOf, samplesOf, watchHost } from "../../support/host-side/watched-host.ts";
import { turns, until } from "../../support/until.ts";

/** With three subscriptions at a time, two stand (r and a), and b, c and d take turns. */
async function begin(aimx: Version) {
  const host = await startHost({
    aimx,
    records: [ring("r"), ...["a", "b", "c", "d"].map((key) => latest(key, { initial: { n: 0 } }))],
    config: { maxSubscriptions: 3 },
  });
  return { host, ...(await watchHost(host)) };
}

describe.each(VERSIONS)("Observer of an AimX %s host with too few subscriptions", (aimx) => {
  test("says which records it watches and which it could", async () => {
    const { context, row } = await begin(aimx);
    expect(["r", "a", "b", "c", "d"].map((key) => context.observer.mode(row(key)))).toEqual([
      "live",
      "live",
      "on_demand",
      "on_demand",
      "on_demand",
    ]);
  });

  test("watches a record that is asked for, and keeps what it holds", async () => {
    const { host, context, row, values } = await begin(aimx);

    expect(await context.observer.ensure(row("b"))).toBe("live");
    host.produce("b", { n: 1 });
    await until("the value", () => values("b").length === 2);

    expect(values("b")).toEqual([{ n: 0 }, { n: 1 }]);
    expect(context.observer.mode(row("b"))).toBe("live");
  });

  test("lets the record go that nobody reads when another is asked for", async () => {
    const { host, context, row, values } = await begin(aimx);
    await context.observer.ensure(row("b"));

    expect(await context.observer.ensure(row("c"))).toBe("live");
    host.produce("b", { n: 1 });
    host.produce("c", { n: 1 });
    await until("the value", () => values("c").length === 2);

    expect(context.observer.mode(row("b"))).toBe("on_demand");
    expect(values("b")).toEqual([{ n: 0 }]);
  });

  test("does not take the place from somebody who reads", async () => {
    const { host, context, row, values } = await begin(aimx);
    await context.observer.ensure(row("b"));
    const unwatch = context.observer.watch("b", () => {});

    expect(await context.observer.ensure(row("c"))).toBe("crowded_out");
    host.produce("b", { n: 1 });
    await until("the value", () => values("b").length === 2);
    unwatch();

    expect(await context.observer.ensure(row("c"))).toBe("live");
  });

  test("keeps the place for somebody who reads before the subscription is made", async () => {
    const { context, row } = await begin(aimx);
    const unwatch = context.observer.watch("b", () => {});

    const asked = await Promise.all([
      context.observer.ensure(row("b")),
      context.observer.ensure(row("c")),
    ]);
    unwatch();

    expect(asked).toEqual(["live", "crowded_out"]);
  });

  test("never lets a standing record go", async () => {
    const { context, row } = await begin(aimx);
    for (const key of ["b", "c", "d", "b"]) await context.observer.ensure(row(key));
    expect(["r", "a"].map((key) => context.observer.mode(row(key)))).toEqual(["live", "live"]);
  });

  test("asks for one subscription where many ask for the record at once", async () => {
    const { host, context, row, values } = await begin(aimx);
    const asked = await Promise.all([1, 2, 3].map(() => context.observer.ensure(row("b"))));
    host.produce("b", { n: 1 });
    await until("the value", () => values("b").length === 2);
    await turns();

    expect(asked).toEqual(["live", "live", "live"]);
    expect(values("b")).toEqual([{ n: 0 }, { n: 1 }]);
  });

  test("names a gap where a record was let go and is watched again", async () => {
    const { host, context, row } = await begin(aimx);
    await context.observer.ensure(row("b"));
    const { store, storeKey } = context;
    const before = store.cursor(storeKey("b"));
    await context.observer.ensure(row("c"));
    for (let n = 1; n <= 3; n += 1) host.produce("b", { n });

    await context.observer.ensure(row("b"));

    const bounds = { maxBytes: 1e6, maxSamples: 10, untilMs: Number.POSITIVE_INFINITY };
    expect(store.read(storeKey("b"), before, bounds)).toMatchObject({
      samples: [{ value: { n: 3 } }],
      gaps: [{ missed: null }],
    });
  });

  test("says never when the host goes away", async () => {
    const { host, context, row } = await begin(aimx);
    host.dropConnections();
    expect(await context.observer.ensure(row("b"))).toBe("never");
  });
});

/** Every record is asked for while the host has not answered its subscription. */
async function askMeanwhile(host: Simulator) {
  const context = contextOf();
  const stream = await openConnection(host.socketPath, context.clock);
  const list = await stream.request((d) => d.list(), 1e9);
  const rows = list.ok ? list.value : [];
  host.setFaults({ hang: true });
  const attached = context.observer.attach(stream, rows);
  const asked = rows.map((row) => context.observer.ensure(row));
  host.setFaults({});
  await attached;
  return { context, rows, asked };
}

describe.each(VERSIONS)("Observer that is still subscribing to an AimX %s host", (aimx) => {
  test("makes the subscription of a record that is asked for meanwhile once", async () => {
    const records = [ring("r"), latest("a"), latest("b")];
    const host = await startHost({ aimx, records });
    const { context, asked } = await askMeanwhile(host);

    expect(await Promise.all(asked)).toEqual(["live", "live", "live"]);
    expect(host.requestCounts.get(aimx === "1.0" ? "record.subscribe" : "ping")).toBe(3);
    host.produce("b", { n: 1 });
    host.produce("r", { n: 1 });
    await until("the values", () => samplesOf(context, "r").length > 0);
    await turns();
    expect(samplesOf(context, "b")).toHaveLength(1);
    expect(samplesOf(context, "r")).toHaveLength(1);
  });

  test("does not give a standing record's place away", async () => {
    const records = [ring("r"), latest("a"), latest("b")];
    const host = await startHost({ aimx, records, config: { maxSubscriptions: 3 } });
    const { context, rows, asked } = await askMeanwhile(host);
    await Promise.all(asked);

    expect(rows.slice(0, 2).map((row) => context.observer.mode(row))).toEqual(["live", "live"]);
  });
});

test("Observer says crowded_out where the host holds fewer subscriptions than it told", async () => {
  const host = await startPlainHost(({ method, params }) => {
    if (method === "record.list") return { result: ["a", "b"].map(plainRow) };
    if (method === "record.subscribe" && params?.["name"] === "b") {
      return { error: { code: "too_many_subscriptions", message: "Maximum reached: 1" } };
    }
    if (method === "record.subscribe") return { result: { subscription_id: "sub-1" } };
    return { error: { code: "not_found", message: "none" } };
  });
  const context = contextOf();
  const stream = await openConnection(host.socketPath, context.clock);
  const list = await stream.request((d) => d.list(), 1e9);
  const [a, b] = list.ok ? list.value : [];
  if (a === undefined || b === undefined) throw new Error("No rows");

  await context.observer.attach(stream, [a, b]);

  expect(context.observer.mode(b)).toBe("on_demand");
  expect(await context.observer.ensure(b)).toBe("crowded_out");
  expect(await context.observer.ensure(a)).toBe("live");
});

function plainRow(record_key: string) {
  const type = { name: `host::${record_key}`, type_id: "TypeId(0x1)" };
  return { record_key, ...type, buffer_type: "single_latest", writable: true };
}

describe("Observer takes events that come with the answer to the subscription", () => {
  async function begin(count: number) {
    const host = await startPlainHost((request, socket) => {
      if (request.method === "record.list") return { result: [plainRow("a")] };
      if (request.method !== "record.subscribe") {
        return { error: { code: "not_found", message: "none" } };
      }
      const events = Array.from({ length: count }, (_, i) => eventLine(i + 1));
      const answer = JSON.stringify({ id: request.id, result: { subscription_id: "sub-1" } });
      socket.write([answer, ...events, ""].join("\n"));
      return undefined;
    });
    const context = contextOf();
    const start = context.store.cursor(context.storeKey("a"));
    const stream = await openConnection(host.socketPath, context.clock);
    const list = await stream.request((d) => d.list(), 1e9);
    await context.observer.attach(stream, list.ok ? list.value : []);
    const bounds = { maxBytes: 1e9, maxSamples: 1e3, untilMs: Number.POSITIVE_INFINITY };
    return () => context.store.read(context.storeKey("a"), start, bounds);
  }

  function eventLine(n: number): string {
    const event = { data: n, sequence: n, subscription_id: "sub-1" };
    return JSON.stringify({ event: { ...event, timestamp: "1795171237.452008398" } });
  }

  test("in their order", async () => {
    const read = await begin(3);
    await until("the last", () => read().samples.length === 3);
    expect(read()).toMatchObject({ samples: [{ value: 1 }, { value: 2 }, { value: 3 }], gaps: [] });
  });

  test("and names a gap where they are more than it holds", async () => {
    const read = await begin(600);
    await until("the last", () => read().samples.at(-1)?.value === 600);
    expect(read().gaps).toMatchObject([{ missed: null }]);
  });
});
