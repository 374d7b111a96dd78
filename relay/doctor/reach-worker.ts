/** One request to the worker, watched on its way: how far it came, and over what. */
import { request as httpRequest, type ClientRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { agentFor, proxyFor, type NetOptions } from "../net/agent.ts";
import { reasonOf } from "../net/reason.ts";
import { workerOfLink } from "../net/worker-url.ts";

const TIMEOUT_MS = 10_000;

type Socket = NonNullable<ClientRequest["socket"]>;

/** What a socket has once TLS is established. */
interface Secured {
  getProtocol(): string | null;
  getPeerCertificate(): { readonly valid_to: string };
}

export type Stage = "proxy" | "dns" | "tcp" | "tls" | "http";

export interface ReachFailure {
  readonly stage: Stage;
  readonly reason: string;
  /** Of the error, such as CERT_HAS_EXPIRED; empty if there is none. */
  readonly code: string;
}

export interface Reach {
  /** Undefined if there is no proxy. */
  readonly proxy: string | undefined;
  /** The address it resolved to; undefined if it is an address, and behind a proxy. */
  readonly address: string | undefined;
  readonly tls: { readonly protocol: string; readonly validTo: string } | undefined;
  readonly status: number | undefined;
  /** By the worker's `Date` header. */
  readonly serverTimeMs: number | undefined;
  readonly failure: ReachFailure | undefined;
}

/** `link` is the relay's ws or wss address; what is asked needs no token. */
export function reachWorker(link: URL, net: NetOptions): Promise<Reach> {
  const url = workerOfLink(link);
  url.pathname = "/health";
  const proxy = proxyFor(url);
  const journey = new Journey(firstStage(url, proxy), proxy);
  return new Promise((resolve) => {
    const request = url.protocol === "https:" ? httpsRequest : httpRequest;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const agent = agentFor(url, { ...net, signal });
    agent.on("proxyConnect", ({ statusCode }: { statusCode: number }) => {
      journey.proxyAnswered(statusCode);
    });
    const outgoing = request(url, { agent, signal });
    outgoing.on("socket", (socket) => journey.watch(socket));
    outgoing.on("response", (response) => {
      response.resume();
      resolve(journey.arrived(response.statusCode ?? 0, response.headers.date));
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      resolve(
        signal.aborted
          ? journey.failed(`no answer within ${TIMEOUT_MS / 1_000} s`)
          : journey.failed(reasonOf(error, url), error.code),
      );
    });
    outgoing.end();
  });
}

/** An IP address needs no lookup. */
const ADDRESS = /^(\[.*\]|\d+\.\d+\.\d+\.\d+)$/;

function firstStage({ hostname }: URL, proxy: string | undefined): Stage {
  if (proxy !== undefined) return "proxy";
  return ADDRESS.test(hostname) ? "tcp" : "dns";
}

class Journey {
  readonly #proxy: string | undefined;
  #stage: Stage;
  #address: string | undefined;
  #tls: Reach["tls"];
  #refusedByProxy: number | undefined;

  constructor(stage: Stage, proxy: string | undefined) {
    this.#stage = stage;
    this.#proxy = proxy;
  }

  /** What a proxy refuses with is replayed as if it were the worker's answer. */
  proxyAnswered(status: number): void {
    if (status === 200) this.#stage = "tls";
    else this.#refusedByProxy = status;
  }

  /** Behind a proxy the socket comes once the tunnel is established. */
  watch(socket: Socket): void {
    const isSecure = isSecured(socket);
    socket.on("lookup", (error: Error | null, address: string) => {
      if (error === null) {
        this.#address = address;
        this.#stage = "tcp";
      }
    });
    socket.on("connect", () => {
      this.#stage = isSecure ? "tls" : "http";
    });
    socket.on("secureConnect", () => this.#secured(socket));
  }

  #secured(socket: Socket): void {
    if (!isSecured(socket)) return;
    this.#stage = "http";
    const { valid_to: validTo } = socket.getPeerCertificate();
    this.#tls = { protocol: socket.getProtocol() ?? "unknown", validTo };
  }

  arrived(status: number, date: string | undefined): Reach {
    if (this.#refusedByProxy !== undefined) {
      return this.failed(`the proxy answered ${this.#refusedByProxy}`);
    }
    const timeMs = date === undefined ? Number.NaN : Date.parse(date);
    return this.#reach({
      status,
      serverTimeMs: Number.isNaN(timeMs) ? undefined : timeMs,
      failure: undefined,
    });
  }

  failed(reason: string, code = ""): Reach {
    return this.#reach({
      status: undefined,
      serverTimeMs: undefined,
      failure: { stage: this.#stage, reason, code },
    });
  }

  #reach(end: Pick<Reach, "status" | "serverTimeMs" | "failure">): Reach {
    return { proxy: this.#proxy, address: this.#address, tls: this.#tls, ...end };
  }
}

function isSecured(socket: Socket): socket is Socket & Secured {
  return "getPeerCertificate" in socket;
}
