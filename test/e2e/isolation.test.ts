/** Several relays, several teams: calls go where they belong, and nowhere else. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

let bed: TestBed;
let ours: ConnectedClient;
let theirs: ConnectedClient;
let reader: ConnectedClient;

beforeAll(async () => {
  bed = await TestBed.open();
  const team = await bed.worker.createTeam("theirs");
  for (const name of ["north", "south", "secret"]) await bed.host(name);
  await bed.relay("gw-north", ["north"]);
  await bed.relay("gw-south", ["south"]);
  await bed.relay("gw-secret", ["secret"], { team });
  ours = await bed.client();
  theirs = await bed.client({ team });
  reader = await bed.client({ scopes: ["aimdb:read"] });
  await untilStatus(ours, "gw-north/north", "up");
  await untilStatus(ours, "gw-south/south", "up");
  await untilStatus(theirs, "gw-secret/secret", "up");
});

afterAll(() => bed.close());

test("a call goes to the relay that its instance names", async () => {
  const set = (instance: string, max: number) =>
    ours.call("set_record", {
      instance,
      record_name: "app.settings",
      value: { log_level: instance, max },
    });
  await set("gw-north/north", 1);
  await set("gw-south/south", 2);

  const north = await ours.call("get_record", {
    instance: "gw-north/north",
    record_name: "app.settings",
  });
  const south = await ours.call("get_record", {
    socket: bed.socket("south"),
    record_name: "app.settings",
  });

  expect(north.json.value).toEqual({ log_level: "gw-north/north", max: 1 });
  expect(south.json.value).toEqual({ log_level: "gw-south/south", max: 2 });
});

test("a read without instance asks every instance that has the record", async () => {
  const { json } = await ours.call("get_record", { record_name: "app.readonly" });

  expect(json.results.map((result: { instance: string }) => result.instance)).toEqual([
    "gw-north/north",
    "gw-south/south",
  ]);
  expect(json).toMatchObject({ failed: [], complete: true });
});

test("a read of a glob asks the instances that match", async () => {
  const { json } = await ours.call("get_record", {
    instance: "gw-s*",
    record_name: "app.readonly",
  });

  expect(json).toMatchObject({ instance: "gw-south/south", value: { up: 7 } });
});

test("a write without instance is refused with the candidates", async () => {
  const { json, isError } = await ours.call("set_record", {
    record_name: "app.settings",
    value: {},
  });

  expect(isError).toBe(true);
  expect(json.error).toMatchObject({
    code: "ambiguous_instance",
    candidates: ["gw-north/north", "gw-south/south"],
  });
});

test("discover_instances shows a team its own instances only", async () => {
  const names = async (client: ConnectedClient) =>
    (await client.call("discover_instances")).json.instances.map(
      ({ instance }: { instance: string }) => instance,
    );

  expect(await names(ours)).toEqual(["gw-north/north", "gw-south/south"]);
  expect(await names(theirs)).toEqual(["gw-secret/secret"]);
});

test.each([
  ["get_record", { record_name: "app.readonly" }],
  ["list_records", {}],
  ["subscribe_record", { record_name: "sensor.temp", max_events: 1 }],
])("%s of another team's instance answers what a missing one does", async (tool, args) => {
  const foreign = await ours.call(tool, { ...args, instance: "gw-secret/secret" });
  const missing = await ours.call(tool, { ...args, instance: "gw-none/none" });

  expect(foreign).toEqual(missing);
  expect(foreign.json.error.code).toBe("unknown_instance");
});

test("set_record of another team's instance answers what a missing one does", async () => {
  const args = { record_name: "app.settings", value: { log_level: "x", max: 1 } };
  const foreign = await ours.call("set_record", { ...args, instance: "gw-secret/secret" });
  const missing = await ours.call("set_record", { ...args, instance: "gw-secret/none" });

  expect(foreign).toEqual(missing);
  expect(foreign.json.error.code).toBe("unknown_instance");
});

test("a subscription of another principal is unknown", async () => {
  const { json } = await ours.call("subscribe_record", {
    instance: "gw-north/north",
    record_name: "sensor.temp",
    duration_seconds: 60,
    max_bytes: 1_000,
  });
  const { subscription_id } = json;

  const read = await reader.call("subscribe_record", {
    record_name: "sensor.temp",
    subscription_id,
  });
  const ended = await reader.call("unsubscribe_record", { subscription_id });
  const own = await ours.call("unsubscribe_record", { subscription_id });

  expect(read.json.error.code).toBe("unknown_subscription");
  expect(ended.json.error.code).toBe("unknown_subscription");
  expect(own.json).toEqual({ success: true, status: "cancelled" });
});

test("a token without aimdb:write reads and does not write", async () => {
  const instance = "gw-north/north";
  const read = await reader.call("get_record", { instance, record_name: "app.readonly" });
  const written = await reader.call("set_record", {
    instance,
    record_name: "app.settings",
    value: { log_level: "x", max: 1 },
  });

  expect(read.isError).toBe(false);
  expect(written.json.error).toMatchObject({
    code: "insufficient_scope",
    required_scope: "aimdb:write",
  });
});

test("parallel calls of two teams never cross", async () => {
  const ask = async (client: ConnectedClient, instance: string) =>
    (await client.call("get_record", { instance, record_name: "app.readonly" })).json.instance;

  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      i % 2 === 0 ? ask(ours, "gw-north/north") : ask(theirs, "gw-secret/secret"),
    ),
  );

  expect(answers).toEqual(
    answers.map((_, i) => (i % 2 === 0 ? "gw-north/north" : "gw-secret/secret")),
  );
});
