/** mcp-remote: how clients that only speak stdio reach a connector URL. */
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectPath } from "../../worker/selfhost/project.ts";
import { TestBed } from "../support/processes/test-bed.ts";
import { foreignAddressesIn, watched } from "./run-client.ts";

const PROXY = projectPath("test/clients/node_modules/mcp-remote/dist/proxy.js");

let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.withPlant();
});

afterAll(() => bed.close());

test.each(["legacy", "auto"])(
  "mcp-remote --protocol %s lists and calls tools with a token, and connects to nothing else",
  async (protocol) => {
    const token = await bed.worker.createAccessToken();
    const client = new Client({ name: "behind-mcp-remote", version: "1.0.0" });
    const trace = join(bed.folder, `connects-${protocol}`);
    const [command = "", ...args] = watched(
      [
        process.execPath,
        PROXY,
        bed.worker.mcpUrl.href,
        "--header",
        `Authorization: Bearer ${token}`,
        "--transport",
        "http-only",
        "--protocol",
        protocol,
      ],
      trace,
    );
    await client.connect(
      new StdioClientTransport({
        command,
        args,
        env: { PATH: process.env["PATH"] ?? "", HOME: bed.folder },
        stderr: "ignore",
      }),
    );

    const { tools } = await client.listTools();
    const result = await client.callTool({
      name: "get_record",
      arguments: { instance: "gw/plant", record_name: "app.readonly" },
    });
    await client.close();

    expect(tools.map(({ name }) => name)).toContain("get_record");
    expect(result.structuredContent).toMatchObject({ value: { up: 7 } });
    expect(await foreignAddressesIn(trace)).toEqual([]);
  },
);
