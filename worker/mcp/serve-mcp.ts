/** A checked MCP request to the SDK: both eras from one factory, a fresh server each time. */
import {
  createMcpHandler,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { Fleet } from "#shared/fleet.ts";
import { isJsonObject } from "#shared/json.ts";
import { createServer } from "#shared/mcp/server.ts";
import { WORKER_VERSION } from "../version.ts";

export async function serveMcp(request: Request, body: unknown, fleet: Fleet): Promise<Response> {
  if (await isLegacyRequest(request, body)) return serveLegacy(request, body, fleet);
  const handler = createMcpHandler(() => createServer(fleet, WORKER_VERSION), { legacy: "reject" });
  return handler.fetch(request, { parsedBody: body });
}

/** The 2025 revisions, without sessions. JSON costs a third less than the SDK's default stream. */
async function serveLegacy(request: Request, body: unknown, fleet: Fleet): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    enableJsonResponse: !asksForProgress(body),
  });
  const server = createServer(fleet, WORKER_VERSION);
  await server.connect(transport);
  return transport.handleRequest(request, { parsedBody: body });
}

function asksForProgress(body: unknown): boolean {
  if (!isJsonObject(body) || !isJsonObject(body["params"])) return false;
  const meta = body["params"]["_meta"];
  return isJsonObject(meta) && meta["progressToken"] !== undefined;
}
