/** The address a request came from, as far as it can be trusted. */
import type { Env } from "../env.ts";
import { numberSetting } from "../number-setting.ts";

/** `127.0.0.1:40742`, `[::1]:40742`, `[::1]`: the port differs with each connection. */
const V4_WITH_PORT = /^([\d.]+):\d+$/;
const V6_IN_BRACKETS = /^\[(.*)\](?::\d+)?$/;
const IPV4_MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[\da-f:.]*:[\da-f:.]*)$/i;

/**
 * Self-hosted, workerd reports it in `cf`. Behind a reverse proxy that is the proxy's address, and the proxy's
 * header is believed only if the operator says so. On Cloudflare the header is the platform's own and no client
 * can set it.
 */
export function clientAddress(request: Request, env: Pick<Env, "TRUSTED_PROXIES">): string {
  const peer: unknown = request.cf?.["clientIp"];
  if (typeof peer !== "string") return plain(request.headers.get("cf-connecting-ip") ?? "unknown");
  const proxies = numberSetting(env.TRUSTED_PROXIES, 0);
  return plain(toldByProxy(request.headers, proxies) ?? peer);
}

/**
 * Each proxy appends the address it was asked from, so whatever the client wrote is to the left of what counts.
 */
function toldByProxy(headers: Headers, proxies: number): string | undefined {
  const forwarded = headers.get("x-forwarded-for") ?? "";
  if (proxies === 0 || forwarded.trim() === "") return undefined;
  const told = forwarded.split(",").slice(-proxies)[0]?.trim() ?? "";
  return ADDRESS.test(plain(told)) ? told : "unknown";
}

function plain(text: string): string {
  const address = V4_WITH_PORT.exec(text)?.[1] ?? V6_IN_BRACKETS.exec(text)?.[1] ?? text;
  return IPV4_MAPPED.exec(address)?.[1] ?? address;
}

/** Whose limits a request counts against: an IPv4 address, or an IPv6 /64, the least that one subscriber has. */
export function addressBlock(request: Request, env: Pick<Env, "TRUSTED_PROXIES">): string {
  const address = clientAddress(request, env);
  const groups = firstGroups(address, 4);
  return groups === undefined ? address : `${groups}::/64`;
}

/** `networkOf` the request's address. */
export function senderNetwork(request: Request, env: Pick<Env, "TRUSTED_PROXIES">): string {
  return networkOf(clientAddress(request, env));
}

/** The part of an address that stays when its owner gets a new one: /24, or /48 for IPv6. */
export function networkOf(address: string): string {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) return address.replace(/\.\d+$/, ".0/24");
  const groups = firstGroups(address, 3);
  return groups === undefined ? "unknown" : `${groups}::/48`;
}

/** Undefined for anything but IPv6. */
function firstGroups(address: string, count: number): string | undefined {
  if (address.split(":").length < 3) return undefined;
  const [before = [], behind = []] = address
    .toLowerCase()
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: 8 - before.length - behind.length }, () => "0");
  const groups = [...before, ...zeros, ...behind].slice(0, count);
  return groups.map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}
