/** A checked MCP request to the SDK: both eras from one factory, a fresh server each time. */
import {
  createMcpHandler,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { isJsonObject } from "#shared/json.ts";
import { createServer, type ServerContext } from "#shared/mcp/server.ts";
import { WORKER_VERSION } from "../version.ts";

type Serving = Omit<ServerContext, "version">;

export async function serveMcp(
  request: Request,
  body: unknown,
  serving: Serving,
): Promise<Response> {
  const context = { ...serving, version: WORKER_VERSION };
  if (await isLegacyRequest(request, body)) return serveLegacy(request, body, context);
  const handler = createMcpHandler(() => createServer(context), { legacy: "reject" });
  return handler.fetch(request, { parsedBody: body });
}

/** The 2025 revisions, without sessions. JSON costs a third less than the SDK's default stream. */
async function serveLegacy(
  request: Request,
  body: unknown,
  context: ServerContext,
): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    enableJsonResponse: !asksForProgress(body),
  });
  const server = createServer(context);
  await server.connect(transport);
  return transport.handleRequest(request, { parsedBody: body });
}

function asksForProgress(body: unknown): boolean {
  if (!isJsonObject(body) || !isJsonObject(body["params"])) return false;
  const meta = body["params"]["_meta"];
  return isJsonObject(meta) && meta["progressToken"] !== undefined;
}
