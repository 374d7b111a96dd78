/**
 * Puts a token on every request: the suite can send no header of its own. Host and Origin are changed
 * only where they name the proxy, so that what the suite invents arrives as it is.
 */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface AuthProxy {
  readonly url: URL;
  close(): Promise<void>;
}

export async function startAuthProxy(target: URL, token: string): Promise<AuthProxy> {
  const server = createServer((asked, answer) => {
    forward(asked, answer, { target, token, own: ownHosts(server.address()) });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const [host = ""] = ownHosts(server.address());
  return {
    url: new URL(target.pathname, `http://${host}`),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

interface Route {
  readonly target: URL;
  readonly token: string;
  readonly own: readonly string[];
}

function forward(asked: IncomingMessage, answer: ServerResponse, { target, token, own }: Route) {
  const { host = "", origin } = asked.headers;
  const isOwnOrigin = own.some((name) => origin === `http://${name}`);
  const onward = request(
    {
      host: target.hostname,
      port: target.port,
      path: asked.url,
      method: asked.method,
      headers: {
        ...asked.headers,
        authorization: asked.headers.authorization ?? `Bearer ${token}`,
        host: own.includes(host) ? target.host : host,
        ...(isOwnOrigin ? { origin: target.origin } : {}),
      },
      // A connection of its own each: one that is kept may be closed as it is used again.
      agent: false,
    },
    (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.on("error", () => answer.destroy());
      answered.pipe(answer);
    },
  );
  onward.on("error", (error) => {
    if (answer.headersSent) answer.destroy();
    else answer.writeHead(502).end(String(error));
  });
  answer.on("close", () => onward.destroy());
  asked.pipe(onward);
}

function ownHosts(address: AddressInfo | string | null): readonly string[] {
  if (address === null || typeof address === "string") return [];
  return [`127.0.0.1:${address.port}`, `localhost:${address.port}`];
}
