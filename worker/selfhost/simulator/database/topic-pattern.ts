/** The two pattern languages over record keys. */

export type Matcher = (key: string) => boolean;

export function isWildcard(topic: string): boolean {
  return topic.includes("*") || topic.includes("#");
}

/** AimX v3: dot-separated, `*` is exactly one segment, `#` zero or more, anywhere. */
export function topicMatcher(pattern: string): Matcher {
  const segments = pattern.split(".");
  return (key) => matchesSegments(segments, key.split("."));
}

/** Older persistence backends: `*` is any text, dots included. */
export function globMatcher(pattern: string): Matcher {
  const parts = pattern.split("*");
  return (key) => matchesParts(parts, key);
}

/** Only the last `#` is ever widened, which bounds the work for a client's pattern. */
function matchesSegments(pattern: readonly string[], key: readonly string[]): boolean {
  let at = 0;
  let covered = 0;
  let hash: { readonly after: number; covers: number } | undefined;
  while (at < pattern.length || covered < key.length) {
    const segment = pattern[at];
    if (segment === "#") {
      at += 1;
      hash = { after: at, covers: covered };
    } else if (covered < key.length && (segment === "*" || segment === key[covered])) {
      at += 1;
      covered += 1;
    } else if (hash !== undefined && hash.covers < key.length) {
      hash.covers += 1;
      at = hash.after;
      covered = hash.covers;
    } else {
      return false;
    }
  }
  return true;
}

function matchesParts(parts: readonly string[], key: string): boolean {
  const [head = "", ...rest] = parts;
  const tail = rest.pop();
  if (tail === undefined) return key === head;
  if (!key.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = key.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return key.length - at >= tail.length && key.endsWith(tail);
}
