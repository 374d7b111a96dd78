/**
 * Where a client may be answered: https, plain http on this machine (any port, RFC 8252 §7.3), or one of the app
 * schemes listed here. Pure.
 */
import { isPlainLoopback } from "#shared/net/loopback.ts";

export const MAX_REDIRECT_URIS = 10;
export const MAX_REDIRECT_URI_LENGTH = 2_048;

/** Apps that can't listen on a port. Any app may claim a scheme, so each is named in full. */
const PRIVATE_USE: ReadonlySet<string> = new Set(["cursor://anysphere.cursor-mcp/oauth/callback"]);

/**
 * Hosts of well-known clients. An error may be sent to them, or to this machine, before anybody has signed in; to
 * a host that somebody has just registered, that would be an open redirect.
 */
const KNOWN_HOSTS: ReadonlySet<string> = new Set([
  "claude.ai",
  "claude.com",
  "chatgpt.com",
  "vscode.dev",
  "insiders.vscode.dev",
]);

export function isUsableRedirectUri(text: string): boolean {
  if (text.length > MAX_REDIRECT_URI_LENGTH || !/^[\x21-\x7e]+$/.test(text)) return false;
  const url = parse(text);
  if (url === undefined || text.includes("#") || url.username !== "" || url.password !== "") {
    return false;
  }
  if (PRIVATE_USE.has(text)) return true;
  return url.protocol === "https:" || isPlainLoopback(url);
}

export function isTrustedRedirectUri(text: string): boolean {
  const url = parse(text);
  if (url === undefined) return false;
  const isKnown = url.protocol === "https:" && KNOWN_HOSTS.has(url.hostname);
  return isKnown || PRIVATE_USE.has(text) || isLoopbackRedirectUri(text);
}

export function isLoopbackRedirectUri(text: string): boolean {
  const url = parse(text);
  return url !== undefined && isPlainLoopback(url);
}

/** For a person to read: the host; for an app's scheme, the whole address. */
export function shownRedirectHost(text: string): string {
  const url = parse(text);
  return url === undefined || !/^https?:$/.test(url.protocol) ? text : url.host;
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
