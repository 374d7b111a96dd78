/** An instance with as many records as are announced, all of long names, on both ways of a client to it. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RecordDefinition } from "../../worker/selfhost/simulator/database/record-definition.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { connectStdio } from "../support/clients/stdio-client.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

const COUNT = 2_000;
const PREFIX = "building.floor.room.".repeat(12);
const KEYS = Array.from({ length: COUNT }, (_, i) => `${PREFIX}s${i}`);
const JOIN = KEYS.at(-1) ?? "";

/** All of them feed the last. */
const RECORDS: readonly RecordDefinition[] = KEYS.map((key, i) => ({
  key,
  typeName: `building::Measurement${i}`,
  shape: { struct: { celsius: "f32" } },
  buffer: { kind: "single_latest" },
  origin: key === JOIN ? { kind: "transform_join", inputs: KEYS.slice(0, -1) } : { kind: "source" },
  taps: 1,
  initial: { celsius: i },
}));

let bed: TestBed;
const clients = new Map<string, ConnectedClient>();

beforeAll(async () => {
  bed = await TestBed.open({ CALLS_PER_MINUTE: "0" });
  await bed.host("plant", "3.0", 0, RECORDS);
  await bed.relay("gw", ["plant"]);
  const config = { allowed_sockets: [bed.socket("plant")], rate_limit: 0 };
  const local = await connectStdio({ folder: join(bed.folder, "local"), config });
  bed.onClose(() => local.close());
  clients.set("gw", await bed.client()).set("local", local);
  for (const [relay, client] of clients) await untilStatus(client, `${relay}/plant`, "up");
});

afterAll(() => bed.close());

describe.each(["gw", "local"])("a large instance at %s", (relay) => {
  function call(tool: string, args: Record<string, unknown> = {}) {
    const client = clients.get(relay);
    if (client === undefined) throw new Error("Not connected");
    return client.call(tool, args);
  }

  test("has a graph whose pages have all of it", async () => {
    const order: string[] = [];
    let edges = 0;
    let cursor: string | null = "0";
    while (cursor !== null) {
      const { json } = await call("get_graph", { cursor, format: "json", max_bytes: 48_000 });
      expect(json).toMatchObject({ total: COUNT });
      order.push(...json.order);
      edges += json.edges.length;
      cursor = json.next_cursor;
    }

    expect(new Set(order)).toEqual(new Set(KEYS));
    expect(order).toHaveLength(COUNT);
    // A source and a tap of each, and each into the join.
    expect(edges).toBe(3 * COUNT - 2);
  });

  test.each<[string, Record<string, unknown>]>([
    ["discover_instances", {}],
    ["get_instance_info", {}],
    ["list_records", {}],
    ["list_records", { cursor: String(COUNT - 3), response_format: "detailed" }],
    ["list_records", { name_filter: JOIN, response_format: "detailed" }],
    ["snapshot", {}],
    ["snapshot", { record_name: JOIN }],
    ["get_record", { record_name: JOIN }],
    ["query_schema", { record_name: JOIN }],
    ["query_history", { record_name: JOIN }],
    ["get_graph", {}],
    ["get_graph", { record_name: JOIN }],
    ["get_diagnostics", {}],
    ["get_diagnostics", { record_name: JOIN }],
  ])("answers %s %j", async (tool, args) => {
    const { isError, json } = await call(tool, args);

    expect(json.error).toBeUndefined();
    expect(json.missing).toBeUndefined();
    expect(isError).toBe(false);
  });

  test("names the nearest record by the end of a long name", async () => {
    const { json } = await call("get_record", { record_name: `${PREFIX}z7` });

    expect(json.error.nearest).toContain(`${PREFIX}s7`);
  });
});
