/** Names of instances, from the file names of their sockets. Pure. */
import { firstFreeName, toName } from "#shared/instance-id.ts";

const FALLBACK_NAME = "aimdb";

/** Sixteen times as many as are served at a time; programs that come and go have ever new paths. */
export const MAX_NAMES = 1_024;

/** Keyed by socket path. */
export type Names = ReadonlyMap<string, string>;

/**
 * Names for new paths; remembered ones stay. If two want the same name the shorter path gets it and the next gets `-2`:
 * a socket that turns up later never takes over a name that callers know.
 */
export function assignNames(paths: Iterable<string>, remembered: Names): Names {
  const names = new Map(remembered);
  const taken = new Set(names.values());
  const fresh = [...paths].filter((path) => !names.has(path));
  fresh.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  for (const path of fresh) {
    const name = firstFreeName(nameOf(path), (candidate) => taken.has(candidate));
    names.set(path, name);
    taken.add(name);
  }
  return names;
}

function nameOf(path: string): string {
  const file = path.slice(path.lastIndexOf("/") + 1);
  return toName(file.replace(/\.sock$/, ""), FALLBACK_NAME);
}
