/** Resources, templates, completion, prompts and what changes, as the official clients see them. */
import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { connectClient, type ConnectedClient, type Era } from "../support/clients/mcp.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

/** Every value in it is new, ten times as often as a listener may be told. */
const FAST = "sensor.temp";
const FAST_PERIOD_MS = 25;

const FAST_URI = `aimdb://gw/fast/record/${FAST}`;
const STILL_URI = "aimdb://gw/still/record/app.settings";

let bed: TestBed;
let token: string;

beforeAll(async () => {
  bed = await TestBed.open();
  await bed.host("fast", "3.0", FAST_PERIOD_MS);
  await bed.host("still", "3.0", 0);
  await bed.relay("gw", ["fast", "still"]);
  token = await bed.worker.createAccessToken();
  const client = await bed.client();
  await untilStatus(client, "gw/fast", "up");
  await untilStatus(client, "gw/still", "up");
});

afterAll(() => bed.close());

async function contentsOf(client: Client, uri: string) {
  const { contents } = await client.readResource({ uri });
  const [content] = contents;
  if (content === undefined || !("text" in content)) throw new Error("No text");
  return JSON.parse(content.text);
}

/** Addresses that came in `resources/updated`, with when they came. */
function updatesOf({ client }: ConnectedClient): { uri: string; atMs: number }[] {
  const updates: { uri: string; atMs: number }[] = [];
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
    updates.push({ uri: params.uri, atMs: performance.now() });
  });
  return updates;
}

async function untilThat(what: string, isSo: () => boolean): Promise<void> {
  const found = await waitFor(15_000, async () => (isSo() ? true : undefined));
  if (found === undefined) throw new Error(`Waited in vain: ${what}`);
}

describe.each<Era>(["legacy", "modern"])("a client, %s,", (era) => {
  let connected: ConnectedClient;

  beforeAll(async () => {
    connected = await connectClient(bed.worker.mcpUrl, token, era);
  });

  afterAll(() => connected.close());

  test("lists the instances' resources and reads each of them", async () => {
    const { resources } = await connected.client.listResources();
    const uris = resources.map(({ uri }) => uri);

    expect(uris).toEqual([
      "aimdb://instances",
      "aimdb://gw/fast/records",
      "aimdb://gw/fast/metrics",
      "aimdb://gw/still/records",
      "aimdb://gw/still/metrics",
    ]);
    for (const uri of uris) {
      expect(Object.keys(await contentsOf(connected.client, uri)).length).toBeGreaterThan(1);
    }
  });

  test("reads a record and its schema at the templates' addresses", async () => {
    const { resourceTemplates } = await connected.client.listResourceTemplates();

    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      "aimdb://{relay}/{name}/records",
      "aimdb://{relay}/{name}/record/{key}",
      "aimdb://{relay}/{name}/schema/{key}",
      "aimdb://{relay}/{name}/metrics",
    ]);
    expect(
      await contentsOf(connected.client, "aimdb://gw/still/record/app.readonly"),
    ).toMatchObject({ instance: "gw/still", record_name: "app.readonly", value: { up: 7 } });
    expect(await contentsOf(connected.client, "aimdb://gw/fast/schema/sensor.temp")).toMatchObject({
      schema: { properties: { celsius: { type: "number" } } },
    });
  });

  test.each([
    "aimdb://gw/still/record/none",
    "aimdb://gw/none/records",
    "aimdb://none/still/records",
    "aimdb://gw/still/elsewhere",
    "file:///etc/passwd",
  ])("is told that %s is not there", async (uri) => {
    await expect(connected.client.readResource({ uri })).rejects.toMatchObject({ code: -32_602 });
  });

  test("has relays, instances and records completed", async () => {
    const complete = async (argument: object, given: Record<string, string> = {}) => {
      const { completion } = await connected.client.complete({
        ref: { type: "ref/resource", uri: "aimdb://{relay}/{name}/record/{key}" },
        argument: argument as { name: string; value: string },
        context: { arguments: given },
      });
      return completion.values;
    };

    expect(await complete({ name: "relay", value: "" })).toEqual(["gw"]);
    expect(await complete({ name: "name", value: "st" }, { relay: "gw" })).toEqual(["still"]);
    expect(await complete({ name: "key", value: "temp" }, { relay: "gw", name: "fast" })).toEqual([
      "sensor.temp",
    ]);
  });

  test("gets prompts with what is known of the record", async () => {
    const { prompts } = await connected.client.listPrompts();
    const { messages } = await connected.client.getPrompt({
      name: "debug_record",
      arguments: { record_name: "app.readonly", instance: "gw/still" },
    });

    expect(prompts.map(({ name }) => name)).toEqual([
      "debug_record",
      "monitoring_setup",
      "performance_analysis",
      "schema_explorer",
    ]);
    expect(messages[0]).toMatchObject({ role: "user", content: { type: "text" } });
    expect(JSON.stringify(messages.slice(1))).toContain('\\"up\\":7');
  });
});

describe("a client of 2026-07-28 that listens", () => {
  test("hears at once that a value moved, and then every 250 ms at most", async () => {
    const connected = await connectClient(bed.worker.mcpUrl, token, "modern");
    const updates = updatesOf(connected);
    const subscription = await connected.client.listen({ resourceSubscriptions: [FAST_URI] });

    await untilThat("five updates", () => updates.length >= 5);
    await subscription.close();
    await connected.close();

    expect(subscription.honoredFilter).toEqual({ resourceSubscriptions: [FAST_URI] });
    expect(new Set(updates.map(({ uri }) => uri))).toEqual(new Set([FAST_URI]));
    // They may wait for each other on their way, so that not each pair but all together is judged.
    const elapsedMs = (updates.at(-1)?.atMs ?? 0) - (updates[0]?.atMs ?? 0);
    expect(elapsedMs).toBeGreaterThan((updates.length - 1) * 250 * 0.8);
  });

  test("hears of a write to a record that nothing else moves, and reads the new value", async () => {
    const connected = await connectClient(bed.worker.mcpUrl, token, "modern");
    const updates = updatesOf(connected);
    const subscription = await connected.client.listen({ resourceSubscriptions: [STILL_URI] });
    const value = { log_level: "debug", max: 5 };

    expect(updates).toEqual([]);
    await connected.call("set_record", {
      instance: "gw/still",
      record_name: "app.settings",
      value,
    });
    await untilThat("an update", () => updates.length > 0);
    const contents = await contentsOf(connected.client, STILL_URI);
    await subscription.close();
    await connected.close();

    expect(contents).toMatchObject({ value });
  });

  test("is granted what can be watched, and nothing of another team", async () => {
    const connected = await connectClient(bed.worker.mcpUrl, token, "modern");
    const foreign = await bed.client({ team: await bed.worker.createTeam("other") });
    const asked = [STILL_URI, "aimdb://gw/still/record/none", "aimdb://gw/still/records"];

    const subscription = await connected.client.listen({ resourceSubscriptions: asked });
    const none = await foreign.client.listen({ resourceSubscriptions: asked });

    expect(subscription.honoredFilter).toEqual({ resourceSubscriptions: [STILL_URI] });
    expect(none.honoredFilter).toEqual({});
    expect(await none.closed).toBe("graceful");
    await subscription.close();
    await connected.close();
  });
});

test("a client of 2025 is not offered subscriptions", async () => {
  const connected = await connectClient(bed.worker.mcpUrl, token, "legacy");
  const { client } = connected;
  const subscribing = client.subscribeResource({ uri: FAST_URI });

  expect(client.getServerCapabilities()?.resources).toEqual({});
  await expect(subscribing).rejects.toThrow(/subscri|not found/i);
  await connected.close();
});
