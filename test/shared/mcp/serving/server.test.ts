import { describe, expect, test } from "vitest";
import { failure, FailureError } from "#shared/failure.ts";
import { every, fakeInstance } from "../support/builders.ts";
import { ask, askStreaming, callTool, explained, listTools } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

const { bytes, tools } = await listTools(new FakeFleet());

describe("tools/list", () => {
  test("takes 24 000 bytes at most", () => {
    expect(bytes).toBeLessThanOrEqual(24_000);
  });

  test("has the tools in the order in which they are used", () => {
    expect(tools.map(({ name }) => name)).toEqual([
      "discover_instances",
      "get_instance_info",
      "list_records",
      "snapshot",
      "get_record",
      "query_schema",
      "set_record",
      "get_write_outcome",
      "subscribe_record",
      "unsubscribe_record",
      "drain_record",
      "query_history",
      "get_graph",
      "get_diagnostics",
      "reset_diagnostics",
    ]);
  });

  test("is the same for every principal", async () => {
    const reader = new FakeFleet([fakeInstance("gw-1/plant")]);
    reader.scopes = ["aimdb:read"];

    expect(await listTools(reader)).toEqual({ bytes, tools });
  });
});

describe.each(tools)("$name", (tool) => {
  test("has a name that clients may prefix", () => {
    expect(tool.name).toMatch(/^[a-z][a-z0-9_]{0,39}$/);
  });

  test("has a title and a description", () => {
    expect(tool.title.length).toBeGreaterThan(3);
    expect(tool.description.length).toBeGreaterThan(40);
  });

  test("has all four annotations", () => {
    expect(tool.annotations).toEqual({
      readOnlyHint: expect.any(Boolean),
      destructiveHint: expect.any(Boolean),
      idempotentHint: expect.any(Boolean),
      openWorldHint: expect.any(Boolean),
    });
  });

  test.each(["inputSchema", "outputSchema"] as const)("has an %s of an object", (name) => {
    expect(tool[name].type).toBe("object");
    expect(tool[name].$schema).toBeUndefined();
    expect(JSON.stringify(tool[name])).not.toContain("$ref");
  });

  test("describes each of its arguments, by names that clients take", () => {
    for (const [name, schema] of Object.entries<{ description?: string }>(
      tool.inputSchema.properties,
    )) {
      expect(name).toMatch(/^[a-z][a-z0-9_]{0,63}$/);
      expect(schema.description).toMatch(/./);
    }
  });

  test("may answer with an error, by its own output schema", () => {
    expect(tool.outputSchema.properties.error).toEqual({ type: "object" });
    expect(tool.outputSchema.required).toBeUndefined();
  });
});

test("only set_record and reset_diagnostics change anything, and may destroy", () => {
  const changing = tools.filter(({ annotations }) => !annotations["readOnlyHint"]);

  expect(changing.map(({ name }) => name)).toEqual(["set_record", "reset_diagnostics"]);
  for (const { annotations } of changing) expect(annotations["destructiveHint"]).toBe(true);
  expect(changing[0]?.annotations["idempotentHint"]).toBe(false);
});

test("what gives something else when it is asked again is not idempotent", () => {
  const moving = tools.filter(({ annotations }) => !annotations["idempotentHint"]);

  expect(moving.map(({ name }) => name)).toEqual([
    "set_record",
    "subscribe_record",
    "drain_record",
  ]);
});

test("the tools take the arguments of the plan they come from", () => {
  const required = Object.fromEntries(
    tools.map(({ name, inputSchema }) => [name, inputSchema.required ?? []]),
  );

  expect(required).toEqual({
    discover_instances: [],
    get_instance_info: [],
    list_records: [],
    snapshot: [],
    get_record: ["record_name"],
    query_schema: ["record_name"],
    set_record: ["record_name", "value"],
    get_write_outcome: ["call_id"],
    subscribe_record: ["record_name"],
    unsubscribe_record: ["subscription_id"],
    drain_record: ["record_name"],
    query_history: ["record_name"],
    get_graph: [],
    get_diagnostics: [],
    reset_diagnostics: ["what"],
  });
  for (const { name, inputSchema } of tools) {
    if (["discover_instances", "get_write_outcome", "unsubscribe_record"].includes(name)) continue;
    expect(Object.keys(inputSchema.properties)).toEqual(
      expect.arrayContaining(["instance", "socket"]),
    );
  }
});

describe("tools/call", () => {
  test("refuses a tool that there is not with the names of those there are", async () => {
    const answer = JSON.parse(await ask(new FakeFleet(), "tools/call", { name: "get_records" }));

    expect(answer.error).toMatchObject({
      code: -32_602,
      message: expect.stringContaining("get_record, query_schema, set_record"),
    });
  });

  test("answers a failure nobody foresaw without its text, and hands it over", async () => {
    const bug = new Error("s3cret");
    const fleet = new FakeFleet();
    fleet.instances = () => Promise.reject(bug);

    const { isError, json } = await callTool(fleet, "discover_instances");

    expect(isError).toBe(true);
    expect(json).toEqual({ error: { code: "internal", message: "Something failed." } });
    expect(explained).toContain(bug);
  });

  test("answers a failure that was thrown as what it is", async () => {
    const late = failure("deadline_exceeded", "No answer came within the deadline.");
    const fleet = new FakeFleet();
    fleet.instances = () => Promise.reject(new FailureError(late));

    const { isError, json } = await callTool(fleet, "discover_instances");

    expect(isError).toBe(true);
    expect(json.error).toMatchObject(late);
  });

  test.each([
    { args: {}, message: "record_name: is missing, must be a string, or must be an array" },
    { args: { record_name: "" }, message: "record_name: must be at least 1 characters long" },
    { args: { record_name: "x".repeat(257) }, message: "record_name: must be at most 256" },
    { args: { record_name: [] }, message: "must be at least 1 items long" },
    { args: { record_name: Array(51).fill("a") }, message: "must be at most 50 items long" },
    { args: { record_name: "a", max_bytes: 999 }, message: "max_bytes: must be at least 1000" },
    { args: { record_name: "a", max_bytes: 48_001 }, message: "max_bytes: must be at most 48000" },
    {
      args: { record_name: "a", max_bytes: 1_000.5 },
      message: "max_bytes: must be a whole number",
    },
    { args: { record_name: "a", instance: 5 }, message: "instance: must be a string" },
  ])("says of $args what is wrong", async ({ args, message }) => {
    const { isError, json } = await callTool(new FakeFleet(), "get_record", args);

    expect(isError).toBe(true);
    expect(json.error.code).toBe("invalid_input");
    expect(json.error.message).toContain(message);
  });

  test.each([
    { name: "get_record", args: { record_name: "a\u0000" } },
    { name: "list_records", args: { socket: "/tmp/\u001b.sock" } },
    { name: "unsubscribe_record", args: { subscription_id: "a\u0007" } },
    { name: "discover_instances", args: { unknown: "a\u0001" } },
  ])("takes no control character in $args, before anything is asked", async ({ name, args }) => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);

    const { json } = await callTool(fleet, name, args);

    expect(json.error).toMatchObject({ code: "invalid_input" });
    expect(json.error.message).toContain("control characters");
    expect(fleet.asked).toEqual([]);
  });

  test("names everything that is wrong at once", async () => {
    const args = { record_name: 1, duration_seconds: 0, max_events: "ten" };
    const { json } = await callTool(new FakeFleet(), "subscribe_record", args);

    expect(json.error.message).toContain("record_name: must be a string; ");
    expect(json.error.message).toContain("duration_seconds: must be at least 1");
    expect(json.error.message).toContain("max_events: must be a number");
  });

  test("tells of progress to a caller who sent a token, and to nobody else", async () => {
    const timelines = new Map([["sensor.temp", every(1_000, -5, 60, (n) => n)]]);
    const plant = fakeInstance("gw-1/plant", ["sensor.temp"], { timelines });
    const params = { name: "subscribe_record", arguments: { record_name: "sensor.temp" } };

    const told = await askStreaming(new FakeFleet([plant]), "tools/call", {
      ...params,
      _meta: { progressToken: "p" },
    });
    const untold = await askStreaming(new FakeFleet([plant]), "tools/call", params);

    const progress = told.flatMap(({ method, params: sent }) =>
      method === "notifications/progress" ? [sent] : [],
    );
    expect(progress.length).toBeGreaterThan(5);
    expect(progress[0]).toEqual({
      progressToken: "p",
      progress: 1,
      message: "2 events so far.",
    });
    expect(progress.map((sent) => sent.progress)).toEqual(progress.map((_, i) => i + 1));
    expect(told.at(-1)?.result.structuredContent.events).toHaveLength(25);
    expect(untold).toHaveLength(1);
    expect(untold[0]?.result.structuredContent.events).toHaveLength(25);
  });
});
