/** How connections leave the device: through a proxy if the environment names one, with extra CAs. */
import { readFileSync } from "node:fs";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { rootCertificates } from "node:tls";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";

export interface NetOptions {
  /** PEM certificates to trust beside the built-in ones. */
  readonly caFile: string | undefined;
}

/** Host and port of the proxy for this address; its password is nobody's business. */
export function proxyFor(url: URL): string | undefined {
  const proxy = proxyUrlFor(url);
  return proxy === "" ? undefined : new URL(proxy).host;
}

export function agentFor(url: URL, { caFile }: NetOptions): HttpAgent {
  if (isPlain(url)) return new HttpAgent();
  const ca =
    caFile === undefined ? {} : { ca: [...rootCertificates, readFileSync(caFile, "utf8")] };
  const proxy = proxyUrlFor(url);
  if (proxy === "") return new HttpsAgent(ca);
  const agent = new HttpsProxyAgent(proxy, ca);
  // The constructor's are for the proxy; these go to the worker behind it.
  Object.assign(agent.options, ca);
  return agent;
}

/** HTTPS_PROXY and NO_PROXY are read here, at each dial. Empty: none. */
function proxyUrlFor(url: URL): string {
  return isPlain(url) ? "" : getProxyForUrl(`https://${url.host}`);
}

/** It goes to this machine only. */
function isPlain({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "ws:";
}
