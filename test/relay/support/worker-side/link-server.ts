/** The worker's door as an HTTP server: upgrades to WebSockets, or refuses as told. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { LINK_SUBPROTOCOL } from "#shared/link/version.ts";
import { CERTIFICATE, CERTIFICATE_KEY } from "./certificate.ts";

export interface LinkServer {
  readonly port: number;
  readonly url: URL;
  readonly requests: readonly IncomingMessage[];
  readonly sockets: readonly WebSocket[];
}

interface Options {
  readonly isSecure?: boolean;
  readonly subprotocol?: string | undefined;
  readonly perMessageDeflate?: boolean;
  /** Answers in place of an upgrade. */
  readonly refuse?: (response: ServerResponse) => void;
}

export async function startLinkServer(options: Options = {}): Promise<LinkServer> {
  const { isSecure = false, refuse } = options;
  const subprotocol = "subprotocol" in options ? options.subprotocol : LINK_SUBPROTOCOL;
  const requests: IncomingMessage[] = [];
  const sockets: WebSocket[] = [];
  const server: Server = isSecure
    ? createSecureServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY })
    : createServer();
  if (refuse === undefined) {
    const upgrader = new WebSocketServer({
      server,
      perMessageDeflate: options.perMessageDeflate ?? false,
      handleProtocols: () => subprotocol ?? false,
    });
    upgrader.on("connection", (socket, request) => {
      socket.on("error", () => {});
      requests.push(request);
      sockets.push(socket);
    });
  } else {
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      requests.push(request);
      refuse(response);
    });
  }
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const scheme = isSecure ? "wss" : "ws";
  return { port, url: new URL(`${scheme}://127.0.0.1:${port}/relay`), requests, sockets };
}
