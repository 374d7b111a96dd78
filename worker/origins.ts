/** The two origins the Worker answers on. */
import { isLoopback } from "#shared/net/loopback.ts";

export interface Origins {
  readonly main: URL;
  /** For clients that bring a token: no OAuth discovery there. */
  readonly token: URL;
}

export interface OriginSettings {
  readonly PUBLIC_URL: string;
  readonly TOKEN_URL?: string;
}

/** Needed for every request, but changed only by a deployment. */
let kept: { readonly of: OriginSettings; readonly origins: Origins } | undefined;

export function originsOf({ PUBLIC_URL, TOKEN_URL = "" }: OriginSettings): Origins {
  if (kept?.of.PUBLIC_URL === PUBLIC_URL && kept.of.TOKEN_URL === TOKEN_URL) return kept.origins;
  const of = { PUBLIC_URL, TOKEN_URL };
  kept = { of, origins: readOrigins(of) };
  return kept.origins;
}

function readOrigins({ PUBLIC_URL, TOKEN_URL }: Required<OriginSettings>): Origins {
  const main = new URL(new URL(PUBLIC_URL).origin);
  if (TOKEN_URL !== "") return { main, token: new URL(new URL(TOKEN_URL).origin) };
  const token = new URL(main);
  token.hostname = `token.${main.hostname}`;
  return { main, token };
}

export type Addressed = "main" | "token";

/** Most requests name the same host as the one before. */
let last:
  | { readonly host: string; readonly of: Origins; readonly is: Addressed | undefined }
  | undefined;

/** The origin that a Host header means; undefined for any other host, which is refused (421). */
export function addressedBy(host: string | undefined, origins: Origins): Addressed | undefined {
  if (host === undefined) return undefined;
  if (last?.host !== host || last.of !== origins) {
    last = { host, of: origins, is: readHost(host, origins) };
  }
  return last.is;
}

function readHost(host: string, origins: Origins): Addressed | undefined {
  if (isHostOf(host, origins.main)) return "main";
  return isHostOf(host, origins.token) ? "token" : undefined;
}

/** Browsers send Origin, others do not. Pages of this machine are allowed if the Worker runs on it. */
export function isAllowedOrigin(origin: string | undefined, { main, token }: Origins): boolean {
  if (origin === undefined) return true;
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return false;
  }
  if (url.origin === main.origin || url.origin === token.origin) return true;
  return isLoopback(main.hostname) && isLoopback(url.hostname);
}

const HOST = /^(\[[0-9a-f:.]+\]|[^:/?#@\s]+)(?::(\d{1,5}))?$/;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Names are compared without case, and a default port may be named (RFC 9110 §4.2.3). */
function isHostOf(host: string, origin: URL): boolean {
  const [, name, port = ""] = HOST.exec(host.toLowerCase()) ?? [];
  if (name === undefined) return false;
  const isName = name === origin.hostname || (isLoopback(name) && isLoopback(origin.hostname));
  return isName && (port === DEFAULT_PORTS[origin.protocol] ? "" : port) === origin.port;
}
