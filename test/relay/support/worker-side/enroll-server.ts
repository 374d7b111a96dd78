/** The worker's enrollment endpoint, played by a test. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { EnrollRequest } from "#shared/link/enrollment.ts";

interface Asked {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: EnrollRequest;
}

export interface EnrollServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** What it answers from here on: a status and a body. */
  answer: { readonly status: number; readonly body: unknown };
}

export async function startEnrollServer(): Promise<EnrollServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const { url: path, headers } = request;
      asked.push({ path, headers, body: body as EnrollRequest });
      const { status, body: answered } = state.answer;
      response
        .writeHead(status)
        .end(typeof answered === "string" ? answered : JSON.stringify(answered));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const state: EnrollServer = {
    url,
    asked,
    answer: {
      status: 201,
      body: {
        relay: "gateway",
        relay_id: "ab".repeat(32),
        installation: "installation-1",
        team: { id: "t1", name: "Plant" },
        link_url: `ws://127.0.0.1:${port}/relay`,
      },
    },
  };
  return state;
}
