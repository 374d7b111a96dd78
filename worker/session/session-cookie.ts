/**
 * The cookie of a browser session: `<account>.<secret>`. The account's id finds the object that knows
 * the secret's hash. Pure.
 */
import { isPlainLoopback } from "#shared/net/loopback.ts";
import { originsOf, type OriginSettings } from "../origins.ts";

const VALUE = /^([0-9a-f]{64})\.([A-Za-z0-9_-]{43})$/;

/** Seven days, like the session itself; the object decides. */
const MAX_AGE_S = 7 * 86_400;

export interface SessionCookie {
  readonly accountId: string;
  readonly secret: string;
}

export function readSessionCookie(
  headers: Headers,
  settings: OriginSettings,
): SessionCookie | undefined {
  const value = readCookie(headers, cookieName(settings, "session"));
  const [, accountId, secret] = VALUE.exec(value ?? "") ?? [];
  return accountId === undefined || secret === undefined ? undefined : { accountId, secret };
}

export function sessionCookie(
  { accountId, secret }: SessionCookie,
  settings: OriginSettings,
): string {
  return setCookie(settings, {
    name: "session",
    value: `${accountId}.${secret}`,
    maxAgeS: MAX_AGE_S,
  });
}

export function noSessionCookie(settings: OriginSettings): string {
  return setCookie(settings, { name: "session", value: "", maxAgeS: 0 });
}

export interface NewCookie {
  readonly name: string;
  readonly value: string;
  readonly maxAgeS: number;
}

/** Lax, so that a person who follows a link from a chat to a page of ours is signed in there. */
export function setCookie(settings: OriginSettings, { name, value, maxAgeS }: NewCookie): string {
  const secure = isPlainLoopback(originsOf(settings).main) ? "" : " Secure;";
  return `${cookieName(settings, name)}=${value}; Path=/; Max-Age=${maxAgeS};${secure} HttpOnly; SameSite=Lax`;
}

export function readCookie(headers: Headers, name: string): string | undefined {
  const pairs = (headers.get("cookie") ?? "").split(/;\s*/);
  const pair = pairs.find((text) => text.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}

/**
 * `__Host-` keeps the cookie from every other host and from plain HTTP, and requires Secure. Not every browser
 * stores a secure cookie for http://localhost, where nothing could read it on its way anyway.
 */
export function cookieName(settings: OriginSettings, name: string): string {
  return isPlainLoopback(originsOf(settings).main) ? name : `__Host-${name}`;
}
