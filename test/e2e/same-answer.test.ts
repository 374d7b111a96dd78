/** The same question gives the same answer on every path to one host. */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { connectStdio } from "../support/clients/stdio-client.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

const CONFIG = { writable_records: ["app.*"], hidden_records: ["internal.*"] };

let bed: TestBed;
let ways: { readonly relay: string; readonly client: ConnectedClient }[];

beforeAll(async () => {
  bed = await TestBed.open();
  // Nothing is produced, so that two answers can be one.
  await bed.host("plant-1", "1.0", 0);
  await bed.host("plant-3", "3.0", 0);
  const sockets = ["plant-1", "plant-3"];
  await bed.relay("gw", sockets, { config: CONFIG });
  const allowed_sockets = sockets.map((name) => bed.socket(name));
  const config = { ...CONFIG, allowed_sockets, confirm_writes: false, rate_limit: 0 };
  const local = await connectStdio({ folder: join(bed.folder, "local"), config });
  bed.onClose(() => local.close());
  const remote = await bed.client();
  for (const name of sockets) {
    await untilStatus(remote, `gw/${name}`, "up");
    await untilStatus(local, `local/${name}`, "up");
  }
  ways = [
    { relay: "gw", client: remote },
    { relay: "local", client: local },
  ];
});

afterAll(() => bed.close());

/** Without what two answers may differ in: when, through which relay, under which id. */
function alike(answer: unknown, relay: string): unknown {
  const text = JSON.stringify(answer, (key, value: unknown) =>
    VARYING.test(key) ? typeof value : value,
  );
  return JSON.parse(
    text
      .replaceAll(/"\d{4}-\d\d-\d\dT[^"]*Z"/g, '"TIME"')
      .replaceAll(new RegExp(`("|//)${relay}(/|")`, "g"), "$1RELAY$2"),
  );
}

const VARYING = /^(epoch|call_id|subscription_id|next_cursor|clock_offset_ms|.*age_ms)$/;

async function ask(tool: string, args: Record<string, unknown>): Promise<unknown[]> {
  return Promise.all(
    ways.map(async ({ relay, client }) => {
      const { instance } = args;
      const own = typeof instance === "string" ? { instance: `${relay}/${instance}` } : {};
      return alike(await client.call(tool, { ...args, ...own }), relay);
    }),
  );
}

test("discover_instances shows the same instances over the worker and over stdio", async () => {
  const [remote, local] = await ask("discover_instances", {});

  expect(remote).toMatchObject({ json: { total: 2 } });
  expect(local).toEqual(remote);
});

test("the same tools are listed over the worker and over stdio", async () => {
  const [remote, local] = await Promise.all(
    ways.map(async ({ client }) => client.client.listTools()),
  );

  expect(local?.tools).toEqual(remote?.tools);
});

describe.each(["plant-1", "plant-3"])("%s", (instance) => {
  test.each<[string, Record<string, unknown>]>([
    ["list_records", {}],
    ["list_records", { writable_only: true }],
    ["list_records", { max_bytes: 1_000 }],
    ["get_record", { record_name: "app.readonly" }],
    ["get_record", { record_name: "app.settings" }],
    ["get_record", { record_name: "internal.secret" }],
    ["get_record", { record_name: "sensor.tmp" }],
    ["set_record", { record_name: "sensor.temp", value: { celsius: 1 } }],
    ["set_record", { record_name: "app.settings", value: { log_level: 5 } }],
    ["subscribe_record", { record_name: "device.command" }],
    ["subscribe_record", { record_name: "app.readonly", duration_seconds: 1 }],
    ["unsubscribe_record", { subscription_id: "local.0" }],
    ["get_record", { record_name: ["app.readonly", "sensor.tmp", "internal.secret"] }],
    ["query_schema", { record_name: "app.readonly" }],
    ["query_history", { record_name: "app.readonly" }],
    ["drain_record", { record_name: "app.readonly" }],
    ["drain_record", { record_name: "device.command" }],
    ["get_graph", {}],
    ["get_graph", { record_name: "derived.fahrenheit", format: "mermaid" }],
    ["get_diagnostics", {}],
    ["snapshot", {}],
    ["snapshot", { record_name: "app.readonly" }],
    ["snapshot", { record_name: "internal.secret" }],
  ])("%s %j has the same answer over the worker and over stdio", async (tool, args) => {
    const [remote, local] = await ask(tool, { ...args, instance });

    expect(local).toEqual(remote);
  });

  test("get_instance_info has the same answer, as soon as the worker was told what is new", async () => {
    // The relay lets ten seconds pass between two inventories.
    const answers = await waitFor(15_000, async () => {
      const [remote, local] = await ask("get_instance_info", { instance });
      return isDeepStrictEqual(local, remote) ? { remote } : undefined;
    });

    expect(answers?.remote).toMatchObject({ isError: false, json: { status: "up" } });
  });
});
