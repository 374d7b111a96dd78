/** The browser's half of a sign-in in progress: `<secret>.<path to continue at>`. Pure. */
import { ownPath } from "../http/relative-path.ts";
import { originsOf, type OriginSettings } from "../origins.ts";
import { cookieName, readCookie, setCookie } from "../session/session-cookie.ts";

/** The secret has no dot; an address may have many. */
const VALUE = /^([^.]+)\.(.*)$/;

export interface TransactionCookie {
  readonly secret: string;
  /** A path of ours. */
  readonly next: string;
}

export function readTransactionCookie(
  headers: Headers,
  settings: OriginSettings,
): TransactionCookie | undefined {
  const value = readCookie(headers, cookieName(settings, "openid")) ?? "";
  const [, secret, next = ""] = VALUE.exec(value) ?? [];
  if (secret === undefined) return undefined;
  return { secret, next: ownPath(decode(next), originsOf(settings).main) };
}

export function transactionCookie(
  { secret, next }: TransactionCookie,
  settings: OriginSettings,
  lifetimeMs: number,
): string {
  const value = `${secret}.${encodeURIComponent(next)}`;
  return setCookie(settings, { name: "openid", value, maxAgeS: lifetimeMs / 1000 });
}

export function noTransactionCookie(settings: OriginSettings): string {
  return setCookie(settings, { name: "openid", value: "", maxAgeS: 0 });
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
