/** What `If-Match` names (RFC 9110, 13.1.1): the versions that a change may be made over. */

export function entityTag(version: string): string {
  return `"${version}"`;
}

/**
 * Undefined: any version. Our versions identify the content, not its bytes, so a tag stays true when a proxy that
 * compresses has made it weak.
 */
export function readIfMatch(header: string | null): readonly string[] | undefined {
  if (header === null || header.trim() === "*") return undefined;
  return Array.from(header.matchAll(/"([^"]*)"/g), ([, version = ""]) => version);
}
