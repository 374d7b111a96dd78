/** `http-server.ts SOCKET PORT`: the SDK's own HTTP server on the host, with sessions: what is put behind a tunnel. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { AimxHost } from "./aimx-host.ts";
import { createToolServer } from "./mcp-tools.ts";

const [, , socketPath = "", port = "0"] = process.argv;
const host = new AimxHost(socketPath);
const sessions = new Map<string, StreamableHTTPServerTransport>();

async function openSession(): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse: true,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await createToolServer(host).connect(transport);
  return transport;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? undefined : JSON.parse(text);
}

createServer((request, response) => {
  void (async () => {
    const id = String(request.headers["mcp-session-id"] ?? "");
    const transport = sessions.get(id) ?? (await openSession());
    await transport.handleRequest(request, response, await bodyOf(request));
  })();
}).listen(Number(port), "127.0.0.1");
