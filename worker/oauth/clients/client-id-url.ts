/**
 * A client id that is the address of the client's own description (CIMD, draft-00 §3). Only public names: the
 * platform refuses names that resolve to private addresses, this refuses hosts that are visibly private. Pure.
 */

const MAX_LENGTH = 512;

export function looksLikeUrl(clientId: string): boolean {
  return clientId.includes("://");
}

/** Undefined if it may not be fetched. */
export function parseClientIdUrl(clientId: string): URL | undefined {
  if (clientId.length > MAX_LENGTH || !/^https:\/\/[\x21-\x7e]+$/.test(clientId)) return undefined;
  if (clientId.includes("\\") || !URL.canParse(clientId)) return undefined;
  const url = new URL(clientId);
  // One spelling only: dot segments, capitals and default ports would make a second one.
  if (url.href !== clientId || url.pathname === "/") return undefined;
  const isBare = url.username === "" && url.password === "" && !clientId.includes("#");
  return isBare && isPublicName(url.hostname) ? url : undefined;
}

const PRIVATE_SUFFIX =
  /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|arpa|test|invalid|onion)$/;

/** A name with a dot. An address is no name, however it is written: URL turns `2130706433` into 127.0.0.1. */
function isPublicName(hostname: string): boolean {
  const isName = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*$/.test(hostname);
  return isName && !PRIVATE_SUFFIX.test(hostname);
}
