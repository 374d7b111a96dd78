/**
 * Paths of one socket. /var/run is a link to /run on most systems: an instance that is found both ways would be served
 * twice, with two names and twice the connections and limits.
 */
import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Each path that leads where an earlier one does, or a known one, and that other path. */
export async function sameSockets(
  paths: readonly string[],
  isKnown: (path: string) => boolean,
): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    folders.set(folder, await realpath(folder).catch(() => folder));
  }
  const firsts = new Map<string, string>();
  const same = new Map<string, string>();
  for (const path of [...paths.filter(isKnown), ...paths.filter((path) => !isKnown(path))]) {
    const folder = dirname(path);
    const place = join(folders.get(folder) ?? folder, basename(path));
    const first = firsts.get(place);
    if (first === undefined) firsts.set(place, path);
    else same.set(path, first);
  }
  return same;
}
