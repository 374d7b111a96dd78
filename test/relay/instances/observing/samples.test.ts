import { describe, expect, test } from "vitest";
import type { Params } from "#shared/link/method.ts";
import { readSamples } from "../../../../relay/instances/observing/samples.ts";
import { latest, mailbox, ring, startHost, VERSIONS } from "../../support/host-side/host.ts";
import { watchHost, type WatchedHost } from "../../support/host-side/watched-host.ts";
import { turns, until } from "../../support/until.ts";

type Options = Partial<Omit<Params<"samples.read">, "record">>;

async function begin(records = [ring("r"), latest("a"), mailbox("m")]) {
  const host = await startHost({ aimx: "3.0", records });
  return { host, ...(await watchHost(host)) };
}

function read(
  { context, row }: WatchedHost,
  { signal = new AbortController().signal, ...options }: Options & { signal?: AbortSignal } = {},
  key = "r",
) {
  const params = { wait_ms: 0, max_samples: 100, max_bytes: 100_000, ...options };
  return readSamples(context, row(key), { params, signal });
}

/** A reading that waits, known to have begun. */
async function waiting(watched: WatchedHost, options: Options & { signal?: AbortSignal } = {}) {
  const state = { isSettled: false };
  const reading = read(watched, { wait_ms: 7_777, ...options }).finally(() => {
    state.isSettled = true;
  });
  await until("the wait", () => watched.context.clock.isDueIn(7_777));
  return { reading, state };
}

async function produce({ host, values }: Awaited<ReturnType<typeof begin>>, ...ns: number[]) {
  const before = values("r").length;
  for (const n of ns) host.produce("r", { n });
  await until("the values", () => values("r").length === before + ns.length);
}

function valuesOf(result: Awaited<ReturnType<typeof read>>): unknown[] {
  return result.ok ? result.value.samples.map(({ value }) => value) : [result.error.code];
}

test("readSamples starts from now where no cursor is given [M-13]", async () => {
  const watched = await begin();
  await produce(watched, 1, 2);

  const first = await read(watched);
  await produce(watched, 3);

  expect(first).toMatchObject({ ok: true, value: { samples: [], gaps: [], more: false } });
  const after = first.ok ? first.value.cursor : undefined;
  expect(valuesOf(await read(watched, { after }))).toEqual([{ n: 3 }]);
});

test("readSamples starts with the oldest kept where that is asked for [M-13]", async () => {
  const watched = await begin();
  await produce(watched, 1, 2);

  const first = await read(watched, { from: "oldest" });
  await produce(watched, 3);

  expect(valuesOf(first)).toEqual([{ n: 1 }, { n: 2 }]);
  const after = first.ok ? first.value.cursor : undefined;
  expect(valuesOf(await read(watched, { from: "oldest", after }))).toEqual([{ n: 3 }]);
});

test("readSamples gives a cursor and no samples where none are asked for [M-16]", async () => {
  const watched = await begin();
  await produce(watched, 1);
  expect(await read(watched, { max_samples: 0, max_bytes: 1, wait_ms: 25_000 })).toMatchObject({
    value: { samples: [], cursor: { epoch: "p.0", sequence: 1 } },
  });
});

describe("readSamples gives at once", () => {
  test("what is there, where it is told not to wait", async () => {
    const watched = await begin();
    const after = { epoch: "p.0", sequence: 0 };
    await produce(watched, 1, 2);
    expect(valuesOf(await read(watched, { after }))).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("as many samples as are asked for [M-14]", async () => {
    const watched = await begin();
    const after = { epoch: "p.0", sequence: 0 };
    await produce(watched, 1, 2, 3);
    const reading = await read(watched, { after, max_samples: 2, wait_ms: 25_000 });
    expect(reading).toMatchObject({ value: { samples: [{}, {}], more: true } });
  });

  test("as many bytes as are asked for [M-14]", async () => {
    const watched = await begin();
    const after = { epoch: "p.0", sequence: 0 };
    await produce(watched, 1, 2, 3);
    const reading = await read(watched, { after, max_bytes: 400, wait_ms: 25_000 });
    expect(reading).toMatchObject({ value: { samples: [{}, {}], more: true } });
  });

  test("what is there where nobody waits any more", async () => {
    const watched = await begin();
    const after = { epoch: "p.0", sequence: 0 };
    await produce(watched, 1);
    const signal = AbortSignal.abort();
    expect(valuesOf(await read(watched, { after, wait_ms: 25_000, signal }))).toEqual([{ n: 1 }]);
  });
});

describe("readSamples waits", () => {
  test("for its whole time, and gives what came [M-14]", async () => {
    const watched = await begin();
    const { reading, state } = await waiting(watched);
    await produce(watched, 1, 2);
    await turns();
    expect(state.isSettled).toBe(false);

    watched.context.clock.advance(7_777);

    expect(valuesOf(await reading)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("until there are as many samples as it may give [M-14]", async () => {
    const watched = await begin();
    const after = { epoch: "p.0", sequence: 0 };
    await produce(watched, 1);
    const { reading, state } = await waiting(watched, { after, max_samples: 3 });
    await produce(watched, 2);
    await turns();
    expect(state.isSettled).toBe(false);

    await produce(watched, 3);

    expect(valuesOf(await reading)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  test("until there are as many bytes as it may give [M-14]", async () => {
    const watched = await begin();
    const { reading } = await waiting(watched, { max_bytes: 400 });
    await produce(watched, 1, 2, 3);
    expect(valuesOf(await reading)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("until nobody waits any more", async () => {
    const watched = await begin();
    const aborter = new AbortController();
    const { reading } = await waiting(watched, { signal: aborter.signal });
    await produce(watched, 1);

    aborter.abort();

    expect(valuesOf(await reading)).toEqual([{ n: 1 }]);
  });

  test("and gives only what was observed up to the time asked for", async () => {
    const watched = await begin();
    const { reading } = await waiting(watched, { until_in_ms: 1_000 });
    await produce(watched, 1);
    watched.context.clock.advance(1_001);
    await produce(watched, 2);
    watched.context.clock.advance(7_000);

    expect(valuesOf(await reading)).toEqual([{ n: 1 }]);
  });

  test("and gives what was observed before a time in the past", async () => {
    const watched = await begin();
    const after = { epoch: "p.0", sequence: 0 };
    await produce(watched, 1);
    watched.context.clock.advance(1_000);
    await produce(watched, 2);
    expect(valuesOf(await read(watched, { after, until_in_ms: -500 }))).toEqual([{ n: 1 }]);
  });

  test("and names what was lost meanwhile", async () => {
    const watched = await begin();
    const { reading } = await waiting(watched);
    watched.host.setFaults({ hang: true });
    for (let n = 1; n <= 164; n += 1) watched.host.produce("r", { n });
    watched.host.setFaults({});
    await until("the last", () => watched.values("r").length === 64);
    watched.context.clock.advance(7_777);

    expect(await reading).toMatchObject({
      value: { gaps: [{ reason: "lost_at_host", missed: 100 }], cursor: { sequence: 164 } },
    });
  });
});

test("readSamples of a cursor from before the relay's start says so and starts over", async () => {
  const watched = await begin();
  await produce(watched, 1);
  expect(await read(watched, { after: { epoch: "q.0", sequence: 90 } })).toMatchObject({
    value: { samples: [{ value: { n: 1 } }], gaps: [{ reason: "relay_restarted", missed: null }] },
  });
});

describe.each(VERSIONS)("readSamples on an AimX %s host", (aimx) => {
  test("refuses a mailbox, whose messages it would take [M-18]", async () => {
    const watched = await watchHost(await startHost({ aimx, records: [mailbox("m")] }));
    expect(await read(watched, {}, "m")).toMatchObject({
      error: { code: "not_observable", message: expect.stringContaining("get_record") },
    });
  });

  test("refuses a record without remote access", async () => {
    const records = [latest("secret", { remoteAccess: false })];
    const watched = await watchHost(await startHost({ aimx, records }));
    expect(await read(watched, {}, "secret")).toMatchObject({ error: { code: "not_observable" } });
  });

  test("watches a record beyond the host's cap while somebody waits for it", async () => {
    const records = [ring("r"), ring("s"), ring("t")];
    const host = await startHost({ aimx, records, config: { maxSubscriptions: 2 } });
    const watched = await watchHost(host);

    const reading = read(watched, { wait_ms: 7_777 }, "s");
    await until("the wait", () => watched.context.clock.isDueIn(7_777));
    const other = await read(watched, {}, "t");
    host.produce("s", { n: 1 });
    await until("the value", () => watched.values("s").length === 1);
    watched.context.clock.advance(7_777);

    expect(valuesOf(await reading)).toEqual([{ n: 1 }]);
    expect(other).toMatchObject({ error: { code: "too_many_subscriptions" } });
  });

  test("does not let the record go between asking for it and waiting for it", async () => {
    const records = [ring("r"), ring("s"), ring("t")];
    const host = await startHost({ aimx, records, config: { maxSubscriptions: 2 } });
    const watched = await watchHost(host);

    const first = read(watched, { wait_ms: 7_777 }, "s");
    const second = read(watched, { wait_ms: 7_777 }, "t");
    await until("the wait", () => watched.context.clock.isDueIn(7_777));
    const other = await second;
    for (const key of ["s", "t"]) host.produce(key, { n: 1 });
    await until("the value", () => watched.values("s").length === 1);
    watched.context.clock.advance(7_777);

    expect(valuesOf(await first)).toEqual([{ n: 1 }]);
    expect(other).toMatchObject({ error: { code: "too_many_subscriptions" } });
  });

  test("lets the record go once nobody waits", async () => {
    const records = [ring("r"), ring("s"), ring("t")];
    const host = await startHost({ aimx, records, config: { maxSubscriptions: 2 } });
    const watched = await watchHost(host);

    const both = [await read(watched, {}, "s"), await read(watched, {}, "t")];

    expect(both).toMatchObject([{ ok: true }, { ok: true }]);
  });
});
