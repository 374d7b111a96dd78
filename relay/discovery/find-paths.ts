/** Paths that match a pattern: the config's globs, segment by segment. Packages for this skip sockets. */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isGlob, matchesGlob } from "#shared/glob.ts";

/**
 * Sorted and without doubles. A folder that can't be read holds nothing; a path without a glob is
 * given even if nothing is there, so that its absence can be told.
 */
export async function findPaths(patterns: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    patterns.map(async (pattern) => (isGlob(pattern) ? expand("/", partsOf(pattern)) : [pattern])),
  );
  return [...new Set(found.flat())].sort();
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

async function expand(folder: string, [part, ...rest]: readonly string[]): Promise<string[]> {
  if (part === undefined) return (await exists(folder)) ? [folder] : [];
  if (!isGlob(part)) return expand(join(folder, part), rest);
  const names = await readdir(folder).catch(() => []);
  const below = names
    .filter((name) => matchesGlob(part, name))
    .map((name) => expand(join(folder, name), rest));
  return (await Promise.all(below)).flat();
}

/** Whatever it is. */
export async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** The folders whose entries decide what a pattern matches: the part before its first glob. */
export function watchedFolders(patterns: readonly string[]): string[] {
  const folders = patterns.map((pattern) => {
    const parts = pattern.split("/");
    const firstGlob = parts.findIndex(isGlob);
    return parts.slice(0, firstGlob).join("/") || "/";
  });
  return [...new Set(folders)];
}
