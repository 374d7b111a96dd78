/**
 * `/metrics`, `/health` and `/ready` on a loopback port, only if the device file names one. Anyone who can connect to
 * it may read it: it holds no record values and no secrets.
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import { EXPOSITION_TYPE, toExposition } from "#shared/metrics/exposition.ts";
import type { ListenAddress } from "../config.ts";
import { metricsOf } from "./relay-metrics.ts";
import type { RelayStatus } from "./relay-status.ts";

/** A scraper and a probe or two. */
const MAX_CONNECTIONS = 8;
const TIMEOUT_MS = 5_000;

export class MetricsServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(
    { host, port }: ListenAddress,
    status: () => RelayStatus,
  ): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      // What comes with a request is not read; the connection ends with the answer.
      request.resume();
      if (request.method === "GET") answer(request.url ?? "", response, status);
      else send(response, 405, "Only GET is answered here.\n");
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.requestTimeout = TIMEOUT_MS;
    server.headersTimeout = TIMEOUT_MS;
    server.timeout = TIMEOUT_MS;
    server.unref();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
    return new MetricsServer(server);
  }

  /** Chosen by the system if the device file says 0. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

/** The status lists what an inventory lists, so it is made only on request. */
function answer(path: string, response: ServerResponse, status: () => RelayStatus): void {
  switch (path) {
    case "/metrics":
      send(response, 200, toExposition(metricsOf(status())), EXPOSITION_TYPE);
      break;
    case "/health":
      send(response, 200, "ok\n");
      break;
    case "/ready":
      answerReady(response, status());
      break;
    default:
      send(response, 404, "There are /metrics, /health and /ready.\n");
  }
}

/** A live link has answered its greeting or a heartbeat in the last twenty seconds, or it would have been given up. */
function answerReady(response: ServerResponse, { link, instances }: RelayStatus): void {
  const up = instances.filter(({ state }) => state === "up").length;
  if (link.state !== "live") send(response, 503, `There is no link: ${link.state}.\n`);
  else if (up === 0) send(response, 503, "No AimDB instance answers.\n");
  else send(response, 200, `Linked, ${up} of ${instances.length} instances up.\n`);
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
): void {
  response
    .writeHead(status, { "content-type": type, "cache-control": "no-store", connection: "close" })
    .end(text);
}
