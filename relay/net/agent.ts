/** How connections leave the device: through a proxy if the environment names one, with extra CAs. */
import { readFileSync } from "node:fs";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import tls from "node:tls";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";
import { errorCodeOf } from "../error-code.ts";
import { NeedsOperator } from "../needs-operator.ts";

export interface NetOptions {
  /** PEM certificates to trust in addition to the built-in ones. */
  readonly caFile: string | undefined;
}

/** Host and port of the proxy for this address; without its password. */
export function proxyFor(url: URL): string | undefined {
  return proxyUrlFor(url)?.host;
}

/** HTTPS_PROXY and NO_PROXY are read here, at each dial. */
function proxyUrlFor(url: URL): URL | undefined {
  if (isPlain(url)) return undefined;
  const proxy = getProxyForUrl(`https://${url.host}`);
  if (proxy === "") return undefined;
  try {
    return new URL(proxy);
  } catch {
    throw new NeedsOperator(
      "HTTPS_PROXY is not a URL. It looks like http://proxy.example.com:3128",
    );
  }
}

/** It goes to this machine only. */
function isPlain({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "ws:";
}

/** `signal` ends a connection to a proxy that does not answer: nothing else does, once its request was given up. */
export function agentFor(
  url: URL,
  { caFile, signal }: NetOptions & { readonly signal: AbortSignal },
): HttpAgent {
  if (isPlain(url)) return new HttpAgent();
  const ca = caFile === undefined ? {} : { ca: [...trustedByNode(), readCertificates(caFile)] };
  const proxy = proxyUrlFor(url);
  if (proxy === undefined) return new HttpsAgent(ca);
  const agent = new HttpsProxyAgent(proxy, { ...ca, signal });
  // The constructor's options are for the proxy; these are for the worker behind it.
  Object.assign(agent.options, ca);
  return agent;
}

/** A list of one's own replaces also NODE_EXTRA_CA_CERTS. Before 22.15 Node can't tell what is in it. */
function trustedByNode(): readonly string[] {
  const { getCACertificates }: Partial<typeof tls> = tls;
  return getCACertificates?.("default") ?? tls.rootCertificates;
}

/** As OpenSSL reads them; `openssl x509 -trustout` writes trusted ones. */
const CERTIFICATE = /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/m;

/** Throws what is wrong with it: Node takes a file without a certificate, and trusts no more than before. */
export function readCertificates(caFile: string): string {
  let text: string;
  try {
    text = readFileSync(caFile, "utf8");
  } catch (error) {
    throw new Error(`ca_file ${caFile} can't be read (${errorCodeOf(error)})`, { cause: error });
  }
  if (CERTIFICATE.test(text)) return text;
  throw new NeedsOperator(`ca_file ${caFile} holds no certificate in PEM form`);
}
