/** What to do about a certificate that Node refuses, by the code of its error. Pure. */

/** Where nothing is known but that TLS failed. */
const NOT_HTTPS =
  "The worker's port must speak https. If a proxy or firewall ends TLS on the way, let it pass this connection.";

const NOT_TRUSTED =
  "Set ca_file to the certificate of who signed the worker's, or the proxy's that opens TLS on the way. With a public certificate the worker must send the intermediate ones too.";

const OTHER_NAME =
  "Check the worker's address, and enroll with the right one. If it is right, something else answers there, or the worker's certificate lacks this name.";

const NOT_TRUSTED_CODES: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** A gateway without a battery begins at 1970 or at the day its system was built. */
const DATE_CODES: ReadonlySet<string> = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

export function tlsRemedy(code: string, nowMs: number): string {
  if (DATE_CODES.has(code)) {
    return `This device's clock says ${new Date(nowMs).toISOString().slice(0, 16)}Z. Set it if that is wrong, best by NTP. If it is right, the worker needs another certificate.`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return OTHER_NAME;
  return NOT_TRUSTED_CODES.has(code) ? NOT_TRUSTED : NOT_HTTPS;
}
