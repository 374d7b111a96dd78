/** The three tools of the bench over one AimX connection, on the official SDK's 1.x server. */
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { AimxHost } from "./aimx-host.ts";

const TOOLS = ["get_record", "list_records", "set_record"].map((name) => ({
  name,
  description: name,
  inputSchema: { type: "object" as const },
}));

export function createToolServer(host: AimxHost): Server {
  const server = new Server({ name: "bench", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const result = await answer(host, params.name, params.arguments ?? {});
    return { content: [{ type: "text", text: JSON.stringify(result) }], structuredContent: result };
  });
  return server;
}

async function answer(
  host: AimxHost,
  tool: string,
  { record_name: name, value }: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  switch (tool) {
    case "list_records":
      return { records: await host.ask("record.list", {}) };
    case "set_record":
      await host.ask("record.set", { name, value });
      return { success: true };
    default:
      return { value: await host.ask("record.get", { name }) };
  }
}
