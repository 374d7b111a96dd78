/** What a client subscribes to: the resource of a record. */

/** Keys in other scripts are longer when encoded; an answer has better use for its bytes. */
const MAX_URI_LENGTH = 400;

/** `aimdb://<relay>/<name>/record/<key>`, the key percent-encoded. Undefined if a URI can't hold it. */
export function recordUri(instance: string, recordKey: string): string | undefined {
  try {
    const uri = `aimdb://${instance}/record/${encodeURIComponent(recordKey)}`;
    return uri.length <= MAX_URI_LENGTH ? uri : undefined;
  } catch {
    // Half a surrogate pair.
    return undefined;
  }
}
