/** The official TypeScript clients of both majors, in every era they can speak. */
import { join } from "node:path";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as LegacyStdioTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectClient, type Era } from "../support/clients/mcp.ts";
import { connectStdio } from "../support/clients/stdio-client.ts";
import { stdioCommand } from "../support/clients/stdio-command.ts";
import { TestBed } from "../support/processes/test-bed.ts";

let bed: TestBed;
let token: string;

beforeAll(async () => {
  bed = await TestBed.withPlant();
  token = await bed.worker.createAccessToken();
});

afterAll(() => bed.close());

const TOOLS = [
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
];
const READ = {
  name: "get_record",
  arguments: { instance: "gw/plant", record_name: "app.readonly" },
};

describe.each<Era>(["legacy", "auto", "modern"])("@modelcontextprotocol/client, %s", (era) => {
  test("lists and calls tools", async () => {
    const connected = await connectClient(bed.worker.mcpUrl, token, era);

    const { tools } = await connected.client.listTools();
    const { json } = await connected.call(READ.name, READ.arguments);
    await connected.close();

    expect(tools.map(({ name }) => name)).toEqual(TOOLS);
    expect(json).toMatchObject({ value: { up: 7 } });
  });

  test("gets an error as a tool result, and an unknown tool as a protocol error", async () => {
    const connected = await connectClient(bed.worker.mcpUrl, token, era);

    const missing = await connected.call("get_record", { record_name: "no.such.record" });
    const unknown = connected.call("no_such_tool");

    await expect(unknown).rejects.toMatchObject({ code: -32602 });
    await connected.close();
    expect(missing).toMatchObject({ isError: true, json: { error: { code: "unknown_record" } } });
  });

  test("is refused without a valid token", async () => {
    await expect(connectClient(bed.worker.mcpUrl, "aimdb_pat_wrong", era)).rejects.toThrow(
      /valid access token|401/i,
    );
  });
});

test("@modelcontextprotocol/sdk 1.x lists and calls tools", async () => {
  const client = new LegacyClient({ name: "legacy", version: "1.0.0" });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(bed.worker.mcpUrl, { requestInit }));

  const { tools } = await client.listTools();
  const result = await client.callTool(READ);
  await client.close();

  expect(tools.map(({ name }) => name)).toEqual(TOOLS);
  expect(result.structuredContent).toMatchObject({ value: { up: 7 } });
});

describe("over aimdb-relay stdio", () => {
  const read = { ...READ, arguments: { ...READ.arguments, instance: "local/plant" } };

  const folder = () => join(bed.folder, "stdio");

  test.each<Era>(["legacy", "auto", "modern"])(
    "@modelcontextprotocol/client, %s, lists and calls tools",
    async (era) => {
      const config = { allowed_sockets: [bed.socket("plant")] };
      const connected = await connectStdio({ folder: folder(), config, era });

      const { tools } = await connected.client.listTools();
      const { json } = await connected.call(read.name, read.arguments);
      await connected.close();

      expect(tools.map(({ name }) => name)).toEqual(TOOLS);
      expect(json).toMatchObject({ value: { up: 7 } });
    },
  );

  test("@modelcontextprotocol/sdk 1.x lists and calls tools", async () => {
    const client = new LegacyClient({ name: "legacy", version: "1.0.0" });
    const [command = "", ...args] = await stdioCommand(folder(), [bed.socket("plant")]);
    const env = { STATE_DIRECTORY: join(folder(), "state") };
    await client.connect(new LegacyStdioTransport({ command, args, env, stderr: "ignore" }));

    const { tools } = await client.listTools();
    const result = await client.callTool(read);
    await client.close();

    expect(tools.map(({ name }) => name)).toEqual(TOOLS);
    expect(result.structuredContent).toMatchObject({ value: { up: 7 } });
  });
});

test("every client is given the same instructions and server name", async () => {
  const connected = await connectClient(bed.worker.mcpUrl, token, "legacy");

  const name = connected.client.getServerVersion();
  const instructions = connected.client.getInstructions() ?? "";
  await connected.close();

  expect(name).toMatchObject({ name: "aimdb-remote" });
  expect(instructions.length).toBeGreaterThan(200);
  expect(instructions.length).toBeLessThan(4_096);
});
