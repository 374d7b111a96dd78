/** Why a connection failed, in one line for the operator. */
import { errorText } from "#shared/text/error-text.ts";
import { errorCodeOf } from "../error-code.ts";
import { proxyFor } from "./agent.ts";

/** OpenSSL's message has source locations around it; the part in between says why. */
const OPENSSL = /:error:[^:]*:SSL routines:[^:]*:([^:]+):/;

export function reasonOf(error: Error, url: URL): string {
  const message = messageOf(error);
  const [, why] = OPENSSL.exec(message) ?? [];
  const reason = why === undefined ? message : `TLS failed (${why})`;
  const proxy = proxyFor(url);
  return proxy === undefined ? reason : `through the proxy ${proxy}: ${reason}`;
}

/** Node's own words don't say that the clock has a part in it. */
const BY_CLOCK: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the certificate has expired, by this device's clock",
  CERT_NOT_YET_VALID: "the certificate is not valid yet, by this device's clock",
};

/** Where a name has several addresses Node tries each, and its error says nothing but why each of them failed. */
function messageOf(error: Error): string {
  if (!(error instanceof AggregateError)) return BY_CLOCK[errorCodeOf(error)] ?? error.message;
  const each = error.errors.map((one: unknown) => errorText(one));
  return each.toSorted().join(", ");
}
