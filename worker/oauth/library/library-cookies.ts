/**
 * The OAuth library's cookies are always `__Host-` and Secure. For http://localhost they are given the names and
 * attributes that our own have there (session-cookie.ts), since not every browser keeps others. Pure.
 */
import type { OriginSettings } from "../../origins.ts";
import { cookieName } from "../../session/session-cookie.ts";

const PREFIX = "__Host-oauth-";

/** What the browser sent, under the library's names. */
export function toLibraryHeaders(headers: Headers, settings: OriginSettings): Headers {
  const renamed = new Headers(headers);
  const cookies = headers.get("cookie");
  const shown = cookieName(settings, "oauth-");
  if (cookies === null || shown === PREFIX) return renamed;
  const pairs = cookies.split(/;\s*/).map((pair) => {
    return pair.startsWith(shown) ? PREFIX + pair.slice(shown.length) : pair;
  });
  renamed.set("cookie", pairs.join("; "));
  return renamed;
}

/** What the library sets, as the browser receives it. */
export function fromLibraryHeaders(headers: Headers, settings: OriginSettings): Headers {
  const renamed = new Headers(headers);
  const shown = cookieName(settings, "oauth-");
  if (shown === PREFIX) return renamed;
  renamed.delete("set-cookie");
  for (const cookie of headers.getSetCookie()) {
    renamed.append("set-cookie", cookie.replace(PREFIX, shown).replace(" Secure;", ""));
  }
  return renamed;
}
