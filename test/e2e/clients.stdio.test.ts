/** The official TypeScript clients of both majors, with the relay as their local server. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { RELAY_BUNDLE } from "../../worker/selfhost/project.ts";
import type { Era } from "../support/clients/mcp.ts";
import { connectStdio } from "../support/clients/stdio-client.ts";

let folder: string;
let host: Simulator;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-e2e-"));
  host = await startSimulator({
    socketPath: join(folder, "plant.sock"),
    aimx: "3.0",
    periodMs: 100,
  });
});

afterAll(async () => {
  await host?.close();
  await rm(folder, { recursive: true, force: true });
});

const READ = { instance: "local/plant", record_name: "app.readonly" };

describe.each<Era>(["legacy", "auto", "modern"])("@modelcontextprotocol/client, %s", (era) => {
  const connectLocal = () =>
    connectStdio({
      folder: join(folder, era),
      config: { allowed_sockets: [join(folder, "*.sock")] },
      era,
    });

  test("lists and calls tools", async () => {
    const local = await connectLocal();

    const { tools } = await local.client.listTools();
    const { json } = await local.call("get_record", READ);
    await local.close();

    expect(tools.map(({ name }) => name)).toContain("get_record");
    expect(json).toMatchObject({ value: { up: 7 } });
  });

  test("gets an error as a tool result, and an unknown tool as a protocol error", async () => {
    const local = await connectLocal();

    const missing = await local.call("get_record", { ...READ, record_name: "no.such.record" });
    const unknown = local.call("no_such_tool");

    await expect(unknown).rejects.toMatchObject({ code: -32602 });
    await local.close();
    expect(missing).toMatchObject({ isError: true, json: { error: { code: "unknown_record" } } });
  });

  test("is answered ten times at once", async () => {
    const local = await connectLocal();

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => local.call("get_record", READ)),
    );
    await local.close();

    expect(answers.filter(({ json }) => json.value.up === 7)).toHaveLength(10);
  });

  test("cancels five waits, and has their places for five others at once", async () => {
    const local = await connectLocal();
    const params = { name: "subscribe_record", arguments: { ...READ, duration_seconds: 60 } };
    const caller = new AbortController();
    const { signal } = caller;
    const five = [1, 2, 3, 4, 5];
    const waiting = five.map(() => local.client.callTool(params, { signal }).catch(() => "gone"));
    const isFull = async () => {
      const { json } = await local.call("subscribe_record", { ...READ, duration_seconds: 1 });
      return json.error?.code === "too_many_subscriptions" ? true : undefined;
    };
    const wasFull = await waitFor(10_000, isFull);
    caller.abort();
    const ended = await Promise.all(waiting);
    const again = await Promise.all(
      five.map(() => local.call("subscribe_record", { ...READ, duration_seconds: 1 })),
    );
    await local.close();

    expect(wasFull).toBe(true);
    expect(ended).toEqual(five.map(() => "gone"));
    expect(again.map(({ json }) => json)).toMatchObject(five.map(() => ({ complete: true })));
  });

  test("is told why nothing is written where the device file opens nothing", async () => {
    const local = await connectLocal();

    const { isError, json } = await local.call("set_record", {
      instance: "local/plant",
      record_name: "app.settings",
      value: { log_level: "debug", max: 5 },
    });
    await local.close();

    expect(isError).toBe(true);
    expect(json).toMatchObject({
      outcome: "refused",
      error: {
        code: "refused_by_device",
        message: expect.stringContaining("an entry in its writable_records"),
      },
    });
  });
});

test("@modelcontextprotocol/sdk 1.x lists and calls tools", async () => {
  const config = join(folder, "legacy.toml");
  await writeFile(config, `allowed_sockets = ["${folder}/*.sock"]\n`);
  const client = new LegacyClient({ name: "end-to-end-test", version: "1.0.0" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [RELAY_BUNDLE, "stdio", "--config", config],
      env: { STATE_DIRECTORY: join(folder, "legacy-state") },
      stderr: "ignore",
    }),
  );

  const { tools } = await client.listTools();
  const answer = await client.callTool({ name: "get_record", arguments: READ });
  await client.close();

  expect(tools.map(({ name }) => name)).toContain("get_record");
  expect(answer.structuredContent).toMatchObject({ value: { up: 7 } });
});
