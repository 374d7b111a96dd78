import { describe, expect, test } from "vitest";
import type { Params } from "#shared/link/method.ts";
import { watchSamples } from "../../../../relay/instances/observing/watching.ts";
import { latest, mailbox, ring, startHost, VERSIONS } from "../../support/host-side/host.ts";
import { turns, until } from "../../support/until.ts";
import { watchHost, type WatchedHost } from "../../support/host-side/watched-host.ts";

type Asked = Params<"samples.watch">["records"];
type Options = Partial<Omit<Params<"samples.watch">, "records">> & { signal?: AbortSignal };

async function begin(records = [ring("r"), ring("s"), mailbox("m")]) {
  const host = await startHost({ aimx: "3.0", records });
  return { host, ...(await watchHost(host)) };
}

const START = { epoch: "p.0", sequence: 0 };
const BOTH: Asked = [
  { record: "r", after: START },
  { record: "s", after: START },
];

function watch(
  { context, view }: WatchedHost,
  records: Asked,
  { signal = new AbortController().signal, ...options }: Options = {},
) {
  const params = { records, wait_ms: 0, max_samples: 100, max_bytes: 100_000, ...options };
  return watchSamples(context, { rows: view.rows, params, signal });
}

async function waiting(watched: WatchedHost, records: Asked = BOTH, options: Options = {}) {
  const state = { isSettled: false };
  const reading = watch(watched, records, { wait_ms: 7_777, ...options }).finally(() => {
    state.isSettled = true;
  });
  await until("the wait", () => watched.context.clock.isDueIn(7_777));
  return { reading, state };
}

async function produce(
  { host, values }: Awaited<ReturnType<typeof begin>>,
  record: string,
  ...ns: number[]
) {
  const before = values(record).length;
  for (const n of ns) host.produce(record, { n });
  await until("the values", () => values(record).length === before + ns.length);
}

/** By record: its values, or why it has none. */
function shown({ entries }: Awaited<ReturnType<typeof watch>>): Record<string, unknown> {
  return Object.fromEntries(
    entries.map(({ record, watched }) => [
      record,
      watched.ok ? watched.value.reading.samples.map(({ value }) => value) : watched.error.code,
    ]),
  );
}

describe("watchSamples answers at once", () => {
  test("for a record without a cursor, with one, and without the others [M-19] [M-20]", async () => {
    const watched = await begin();
    await produce(watched, "r", 1);

    const reading = await watch(watched, [{ record: "r" }, { record: "s", after: START }], {
      wait_ms: 25_000,
    });

    expect(reading.entries).toMatchObject([
      { record: "r", watched: { value: { reading: { samples: [], cursor: { sequence: 1 } } } } },
    ]);
  });

  test("with what is there behind the cursors [M-20]", async () => {
    const watched = await begin();
    await produce(watched, "r", 1, 2);
    await produce(watched, "s", 3);

    expect(shown(await watch(watched, BOTH, { wait_ms: 25_000 }))).toEqual({
      r: [{ n: 1 }, { n: 2 }],
      s: [{ n: 3 }],
    });
  });

  test("where one of the records can't be read [M-19]", async () => {
    const watched = await begin();
    const asked = [...BOTH, { record: "m", after: START }, { record: "none", after: START }];

    expect(shown(await watch(watched, asked, { wait_ms: 25_000 }))).toEqual({
      m: "not_observable",
      none: "unknown_record",
    });
  });

  test("with the gap that a relay's restart left [M-19]", async () => {
    const watched = await begin();
    const asked = [{ record: "r", after: { epoch: "q.0", sequence: 90 } }];

    expect(await watch(watched, asked, { wait_ms: 25_000 })).toMatchObject({
      entries: [{ watched: { value: { reading: { gaps: [{ reason: "relay_restarted" }] } } } }],
    });
  });

  test("with nothing where nobody waits any more", async () => {
    const watched = await begin();
    const signal = AbortSignal.abort();
    expect(await watch(watched, BOTH, { wait_ms: 25_000, signal })).toEqual({
      entries: [],
      more: false,
    });
  });
});

describe("watchSamples waits", () => {
  test("until the first sample of any record [M-19]", async () => {
    const watched = await begin();
    const { reading, state } = await waiting(watched);
    await turns();
    expect(state.isSettled).toBe(false);

    await produce(watched, "s", 1);

    expect(shown(await reading)).toEqual({ s: [{ n: 1 }] });
  });

  test("for its whole time where nothing comes [M-19]", async () => {
    const watched = await begin();
    const { reading } = await waiting(watched);

    watched.context.clock.advance(7_777);

    expect(await reading).toEqual({ entries: [], more: false });
  });

  test("and names what the host lost meanwhile", async () => {
    const watched = await begin();
    watched.host.setFaults({ hang: true });
    for (let n = 1; n <= 164; n += 1) watched.host.produce("r", { n });
    watched.host.setFaults({});
    await until("the last", () => watched.values("r").length === 64);

    expect(await watch(watched, BOTH)).toMatchObject({
      entries: [{ watched: { value: { reading: { gaps: [{ missed: 100 }] } } } }],
    });
  });
});

describe("watchSamples gives no more than was allowed", () => {
  test("of each record in samples [M-21]", async () => {
    const watched = await begin();
    await produce(watched, "r", 1, 2, 3);
    await produce(watched, "s", 4);

    const reading = await watch(watched, BOTH, { max_samples: 2 });

    expect(shown(reading)).toEqual({ r: [{ n: 1 }, { n: 2 }], s: [{ n: 4 }] });
    expect(reading.more).toBe(true);
  });

  test("of all together in bytes, and says that there is more [M-21]", async () => {
    const watched = await begin();
    await produce(watched, "r", 1, 2, 3);
    await produce(watched, "s", 4);

    const reading = await watch(watched, BOTH, { max_bytes: 600 });

    expect(shown(reading)).toEqual({ r: [{ n: 1 }, { n: 2 }], s: [{ n: 4 }] });
    expect(await watch(watched, BOTH, { max_bytes: 100 })).toMatchObject({
      entries: [{ record: "r" }],
      more: true,
    });
  });
});

test.each(VERSIONS)(
  "watchSamples on an AimX %s host keeps a record beyond the host's cap while it waits",
  async (aimx) => {
    const records = [ring("r"), ring("s"), ring("t"), latest("a")];
    const host = await startHost({ aimx, records, config: { maxSubscriptions: 2 } });
    const watched = await watchHost(host);

    const { reading } = await waiting(watched, [{ record: "s", after: START }]);
    const other = await watch(watched, [{ record: "t" }]);
    host.produce("s", { n: 1 });

    expect(shown(await reading)).toEqual({ s: [{ n: 1 }] });
    expect(shown(other)).toEqual({ t: "too_many_subscriptions" });
    expect(shown(await watch(watched, [{ record: "t" }]))).toEqual({ t: [] });
  },
);

describe("watchSamples for readers behind a narrow line", () => {
  const lag = { keptBytes: 400, reason: "link_slow" } as const;
  const ask = async (maxBytes: number) => {
    const watched = await begin();
    await produce(watched, "r", 1, 2, 3, 4, 5, 6);
    await produce(watched, "s", 1);
    const { context, view } = watched;
    const params = { records: BOTH, wait_ms: 0, max_samples: 100, max_bytes: 100_000 };
    const { signal } = new AbortController();
    return watchSamples(context, { rows: view.rows, params, signal, lag: { ...lag, maxBytes } });
  };

  test("goes on with the newest of each record where all is more than it carries [S-8]", async () => {
    const reading = await ask(1_000);

    expect(shown(reading)).toEqual({ r: [{ n: 6 }], s: [{ n: 1 }] });
    expect(reading.entries).toMatchObject([
      { watched: { value: { reading: { gaps: [{ reason: "link_slow", missed: 5 }] } } } },
      { watched: { value: { reading: { gaps: [] } } } },
    ]);
  });

  test("gives everything where it is not", async () => {
    const reading = await ask(2_000);

    expect(shown(reading)).toMatchObject({ r: { length: 6 }, s: { length: 1 } });
  });
});
