/** The address a request came from, as the platform saw it. */

/** `127.0.0.1:40742` and `[::1]:40742`: the port is another with each connection. */
const PORT = /:\d+$/;

/**
 * Self-hosted, workerd tells it in `cf`; behind a reverse proxy that is the proxy. On Cloudflare the
 * header is the platform's own and no client can set it.
 */
export function clientAddress(request: Request): string {
  const direct: unknown = request.cf?.["clientIp"];
  if (typeof direct === "string") return direct.replace(PORT, "").replaceAll(/[[\]]/g, "");
  return request.headers.get("cf-connecting-ip") ?? "unknown";
}

/** The part of an address that stays when its owner gets another: /24, or /48 of IPv6. */
export function networkOf(address: string): string {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) return address.replace(/\.\d+$/, ".0/24");
  const groups = address.split(":");
  if (groups.length < 3) return "unknown";
  const head = groups.indexOf("") === -1 ? groups : groups.slice(0, groups.indexOf(""));
  const first = [...head, "0", "0", "0"].slice(0, 3).map((group) => group.replace(/^0+(?=.)/, ""));
  return `${first.join(":").toLowerCase()}::/48`;
}
