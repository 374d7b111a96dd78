import { describe, expect, test } from "vitest";
import { RelayCounts } from "../../../relay/control/relay-counts.ts";
import {
  Catalog,
  LIST_MAX_AGE_MS,
  type CatalogOptions,
  type CatalogView,
} from "../../../relay/instances/catalog.ts";
import type { Simulator } from "../../../worker/selfhost/simulator/server.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { latest, ring, startHost, VERSIONS } from "../support/host-side/host.ts";
import { openConnection } from "../support/host-side/open-connection.ts";
import { METHOD_NOT_FOUND, startPlainHost } from "../support/host-side/scripted-socket.ts";

const transform = (input: string) => ({ kind: "transform", input, map: () => undefined }) as const;

const RECORDS = [
  ring("sensor.temp", { origin: { kind: "source" }, taps: 2 }),
  latest("derived.f", { origin: transform("sensor.temp") }),
  latest("app.settings"),
];

function countsOf({ requestCounts }: Simulator) {
  const [lists, nodes, edges] = ["record.list", "graph.nodes", "graph.edges"].map(
    (method) => requestCounts.get(method) ?? 0,
  );
  return { lists, nodes, edges };
}

function catalogOf(more: Partial<CatalogOptions> = {}): Catalog {
  const counts = new RelayCounts();
  return new Catalog({
    clock: new ManualClock(),
    hiddenRecords: [],
    timeoutMs: 1e9,
    counts,
    ...more,
  });
}

async function begin(hiddenRecords: string[] = []) {
  const host = await startHost({ aimx: "3.0", records: RECORDS });
  const clock = new ManualClock();
  const connection = await openConnection(host.socketPath, clock);
  const counts = new RelayCounts();
  return {
    host,
    clock,
    connection,
    counts,
    catalog: catalogOf({ clock, hiddenRecords, counts }),
  };
}

function viewOf(result: Awaited<ReturnType<Catalog["view"]>>): CatalogView {
  if (!result.ok) throw new Error("No view");
  return result.value;
}

test.each(VERSIONS)(
  "Catalog knows an AimX %s host's records and where they come from",
  async (aimx) => {
    const host = await startHost({ aimx, records: RECORDS });
    const connection = await openConnection(host.socketPath);
    const catalog = catalogOf();

    const { rows, graph } = viewOf(await catalog.view(connection));

    expect(rows.map(({ record_key }) => record_key)).toEqual([
      "sensor.temp",
      "derived.f",
      "app.settings",
    ]);
    expect(graph?.origins).toEqual(
      new Map<string, unknown>([
        ["sensor.temp", "source"],
        ["derived.f", { transform: { input: "sensor.temp" } }],
        ["app.settings", "passive"],
      ]),
    );
    expect(graph?.consumers).toEqual(
      new Map([
        [
          "sensor.temp",
          [{ type: "tap" }, { type: "tap" }, { type: "transform", record: "derived.f" }],
        ],
      ]),
    );
    expect(graph?.producers).toEqual(
      new Map([
        ["sensor.temp", [{ type: "source" }]],
        ["derived.f", [{ type: "transform", record: "sensor.temp" }]],
      ]),
    );
    expect(graph?.order).toHaveLength(3);
  },
);

describe("Catalog asks the host", () => {
  test("once for calls that come together", async () => {
    const { host, connection, catalog } = await begin();
    const views = await Promise.all([1, 2, 3].map(() => catalog.view(connection)));
    expect(new Set(views).size).toBe(1);
    expect(countsOf(host)).toEqual({ lists: 1, nodes: 1, edges: 1 });
  });

  test("for the records again after five seconds, for the graph not", async () => {
    const { host, clock, connection, catalog } = await begin();
    await catalog.view(connection);
    clock.advance(LIST_MAX_AGE_MS - 1);
    await catalog.view(connection);
    expect(countsOf(host)).toEqual({ lists: 1, nodes: 1, edges: 1 });

    clock.advance(1);
    await catalog.view(connection);

    expect(countsOf(host)).toEqual({ lists: 2, nodes: 1, edges: 1 });
  });

  test("for the records again after a write, for the graph not", async () => {
    const { host, connection, catalog } = await begin();
    await catalog.view(connection);
    catalog.invalidate();
    await catalog.view(connection);
    expect(countsOf(host)).toEqual({ lists: 2, nodes: 1, edges: 1 });
  });

  test("for no records again for a write after a write, but for a read after it", async () => {
    const { host, connection, catalog } = await begin();
    await catalog.view(connection);
    catalog.invalidate();
    await catalog.viewForWrite(connection);
    await catalog.viewForWrite(connection);
    expect(countsOf(host)).toEqual({ lists: 1, nodes: 1, edges: 1 });

    await catalog.view(connection);

    expect(countsOf(host)).toEqual({ lists: 2, nodes: 1, edges: 1 });
  });

  test("for the records again for a write after five seconds", async () => {
    const { host, clock, connection, catalog } = await begin();
    await catalog.viewForWrite(connection);
    clock.advance(LIST_MAX_AGE_MS);
    await catalog.viewForWrite(connection);
    expect(countsOf(host)).toEqual({ lists: 2, nodes: 1, edges: 1 });
  });

  test("for everything again on another connection", async () => {
    const { host, clock, connection, catalog } = await begin();
    await catalog.view(connection);
    await catalog.view(await openConnection(host.socketPath, clock));
    expect(countsOf(host)).toEqual({ lists: 2, nodes: 2, edges: 2 });
  });
});

describe("Catalog asks for counters", () => {
  test("though it asked for the records just now", async () => {
    const { host, connection, catalog } = await begin();
    await catalog.view(connection);
    await catalog.freshView(connection);
    await catalog.freshView(connection);
    expect(countsOf(host)).toEqual({ lists: 3, nodes: 1, edges: 1 });
  });

  test("once for calls that come together", async () => {
    const { host, connection, catalog } = await begin();
    await Promise.all([
      catalog.freshView(connection),
      catalog.view(connection),
      catalog.freshView(connection),
    ]);
    expect(countsOf(host)).toEqual({ lists: 1, nodes: 1, edges: 1 });
  });
});

describe("Catalog hides", () => {
  test("the records of the device file [M-3]", async () => {
    const { connection, catalog } = await begin(["app.*"]);
    const { rows } = viewOf(await catalog.view(connection));
    expect(rows.map(({ record_key }) => record_key)).toEqual(["sensor.temp", "derived.f"]);
  });

  test("their keys where another record is made from them", async () => {
    const { connection, catalog } = await begin(["sensor.*"]);
    const { graph } = viewOf(await catalog.view(connection));
    expect(graph?.origins.get("derived.f")).toEqual({ transform: { input: null } });
  });

  test("them among the consumers of another record", async () => {
    const { connection, catalog } = await begin(["derived.*"]);
    const { graph } = viewOf(await catalog.view(connection));
    expect(graph?.consumers.get("sensor.temp")).toEqual([{ type: "tap" }, { type: "tap" }]);
  });

  test("no text of an origin that only looks like one", async () => {
    const link = { kind: "link", protocol: "mqtt", address: "mqtt://broker" } as const;
    const host = await startHost({ aimx: "3.0", records: [latest("a", { origin: link })] });
    const connection = await openConnection(host.socketPath);
    const hiddenRecords = ["mqtt*"];
    const catalog = catalogOf({ hiddenRecords });

    const { graph } = viewOf(await catalog.view(connection));

    expect(graph?.origins.get("a")).toEqual({
      link: { protocol: "mqtt", address: "mqtt://broker" },
    });
  });
});

const ROW = { name: "host::A", type_id: "TypeId(0x1)", buffer_type: "mailbox", writable: true };

test("Catalog does without a graph on a host that has none, and does not ask for it again", async () => {
  let graphs = 0;
  const host = await startPlainHost(({ method }) => {
    if (method === "record.list") return { result: [ROW] };
    graphs += 1;
    return METHOD_NOT_FOUND;
  });
  const clock = new ManualClock();
  const connection = await openConnection(host.socketPath, clock);
  const catalog = catalogOf({ clock });

  const { rows, graph } = viewOf(await catalog.view(connection));
  clock.advance(LIST_MAX_AGE_MS);
  await catalog.view(connection);

  expect(rows).toMatchObject([{ record_key: "host::A", type_name: "host::A" }]);
  expect(graph).toBeUndefined();
  expect(graphs).toBe(3);
});

test.each(["record.list", "graph.nodes", "graph.edges", "graph.topo_order"])(
  "Catalog keeps no view that failed at %s",
  async (failing) => {
    let isFailing = true;
    const host = await startPlainHost(({ method }) => {
      if (method === failing && isFailing) {
        return { error: { code: "internal_error", message: "no" } };
      }
      return { result: method === "record.list" ? [ROW] : [] };
    });
    const connection = await openConnection(host.socketPath);
    const catalog = catalogOf();

    const first = await catalog.view(connection);
    isFailing = false;
    const second = await catalog.view(connection);

    expect(first).toMatchObject({ ok: false, error: { error: { code: "host_error" } } });
    expect(second).toMatchObject({ ok: true });
  },
);

test("Catalog fails as the connection does", async () => {
  const { host, connection, catalog } = await begin();
  host.dropConnections();
  await connection.closed;
  expect(await catalog.view(connection)).toMatchObject({ ok: false, error: { type: "closed" } });
});

test("Catalog counts what it had and what it had to ask for", async () => {
  const { clock, connection, catalog, counts } = await begin();
  await Promise.all([catalog.view(connection), catalog.view(connection)]);
  clock.advance(LIST_MAX_AGE_MS);
  await catalog.view(connection);

  expect(counts.read().caches).toEqual([
    { cache: "records", hits: 1, misses: 2 },
    { cache: "graph", hits: 1, misses: 1 },
    { cache: "schema", hits: 0, misses: 0 },
  ]);
});
