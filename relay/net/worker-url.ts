/** The worker's address, as an operator types it, and that of its link. Pure. */
import { LINK_PATH } from "#shared/link/enrollment.ts";
import { isLoopback } from "#shared/net/loopback.ts";
import { err, ok, type Result } from "#shared/result.ts";

/** The origin. A connector URL (`…/mcp`) will do: it is what people have at hand. */
export function parseWorkerUrl(text: string): Result<URL, string> {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return err(`"${text}" is not a URL. It looks like https://aimdb.example.com`);
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return err("Plain http is only allowed to this machine. Use https.");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return err("The worker's URL must start with https://");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    return err("The worker's URL must not carry credentials or a query.");
  }
  if (!["/", "/mcp", "/mcp/"].includes(url.pathname)) {
    return err("The worker's URL must not have a path.");
  }
  return ok(new URL(url.origin));
}

const HTTP_SCHEMES: Readonly<Record<string, string>> = { "ws:": "http:", "wss:": "https:" };

/** Where the worker of that link answers HTTP. `link` is one that `parseLinkUrl` took. */
export function workerOfLink(link: URL): URL {
  const worker = new URL(link);
  worker.protocol = HTTP_SCHEMES[link.protocol] ?? link.protocol;
  worker.pathname = "/";
  return worker;
}

/** The address at which the worker says it takes links. */
export function parseLinkUrl(text: string): Result<URL, string> {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return err("It is not a URL.");
  }
  if (HTTP_SCHEMES[url.protocol] === undefined) return err("It must start with wss://");
  if (url.pathname !== LINK_PATH) return err(`Its path must be ${LINK_PATH}.`);
  const parsed = parseWorkerUrl(workerOfLink(url).href);
  return parsed.ok ? ok(url) : parsed;
}
