/** Why a connection failed, in one line for the operator. */
import { proxyFor } from "./agent.ts";

/** OpenSSL tells where in its source it failed; what is between says why. */
const OPENSSL = /:error:[^:]*:SSL routines:[^:]*:([^:]+):/;

export function reasonOf(error: Error, url: URL): string {
  const [, why] = OPENSSL.exec(error.message) ?? [];
  const reason = why === undefined ? error.message : `TLS failed (${why})`;
  const proxy = proxyFor(url);
  return proxy === undefined ? reason : `through the proxy ${proxy}: ${reason}`;
}
