/** Paths that match a pattern: the config's globs, segment by segment. Packages for this skip sockets. */
import { lstat, opendir } from "node:fs/promises";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import { isGlob, matchesGlob } from "#shared/text/glob.ts";

/** Sockets of one pattern in one look: anybody may fill /tmp, and a look's memory is bounded. */
export const MAX_MATCHES = 4_096;

/** Paths that are not sockets are only reported, and nobody reads more. */
const MAX_OTHERS = 64;

export interface FoundPaths {
  /** Sorted and without duplicates. */
  readonly paths: readonly string[];
  /** Patterns of which only a part of the matches is given. */
  readonly crowded: readonly string[];
}

/**
 * A folder that can't be read holds nothing; a path without a glob is given even if nothing is there, so that its
 * absence can be reported. If more match than one look takes, the next look takes the following ones.
 */
export class PathFinder {
  readonly #named: readonly string[];
  readonly #turns: readonly PatternTurns[];

  constructor(patterns: readonly string[]) {
    this.#named = patterns.filter((pattern) => !isGlob(pattern));
    this.#turns = patterns.filter(isGlob).map((pattern) => new PatternTurns(pattern));
  }

  async next(): Promise<FoundPaths> {
    const taken = await Promise.all(this.#turns.map((turns) => turns.next()));
    const paths = new Set([...this.#named, ...taken.flatMap((turn) => turn.paths)]);
    const crowded = this.#turns.filter((_turns, i) => taken[i]?.isPart);
    return { paths: [...paths].sort(), crowded: crowded.map(({ pattern }) => pattern) };
  }
}

interface Turn {
  readonly paths: readonly string[];
  readonly isPart: boolean;
}

class PatternTurns {
  readonly pattern: string;
  readonly #parts: readonly string[];
  /** How many sockets earlier looks have taken already. */
  #takenCount = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
    this.#parts = pattern.split("/").filter((part) => part !== "");
  }

  async next(): Promise<Turn> {
    const turn = await this.#take(this.#takenCount);
    const { sockets, others, hasMore } = turn;
    if (sockets.length === 0 && this.#takenCount > 0) {
      this.#takenCount = 0;
      return this.next();
    }
    const isPart = hasMore || this.#takenCount > 0;
    this.#takenCount = hasMore ? this.#takenCount + sockets.length : 0;
    return { paths: [...(await this.#there(sockets)), ...others], isPart };
  }

  async #take(from: number) {
    const sockets: string[] = [];
    const others: string[] = [];
    let count = 0;
    for await (const { path, mayBeSocket } of matchesIn("/", this.#parts)) {
      if (!mayBeSocket) {
        if (others.length < MAX_OTHERS) others.push(path);
        continue;
      }
      count += 1;
      if (count > from + MAX_MATCHES) return { sockets, others, hasMore: true };
      if (count > from) sockets.push(path);
    }
    return { sockets, others, hasMore: false };
  }

  /** Keeps what exists: listing a folder says nothing about a fixed name below a glob. */
  async #there(paths: readonly string[]): Promise<readonly string[]> {
    if (isGlob(this.#parts.at(-1) ?? "")) return paths;
    const looks = await Promise.all(paths.map(exists));
    return paths.filter((_path, i) => looks[i]);
  }
}

interface Match {
  readonly path: string;
  readonly mayBeSocket: boolean;
}

async function* matchesIn(
  folder: string,
  [part, ...rest]: readonly string[],
): AsyncGenerator<Match> {
  if (part === undefined) {
    yield { path: folder, mayBeSocket: true };
    return;
  }
  if (!isGlob(part)) {
    yield* matchesIn(join(folder, part), rest);
    return;
  }
  for await (const entry of entriesOf(folder)) {
    if (!matchesGlob(part, entry.name)) continue;
    const path = join(folder, entry.name);
    if (rest.length === 0) yield { path, mayBeSocket: entry.isSocket() };
    else if (entry.isDirectory() || entry.isSymbolicLink()) yield* matchesIn(path, rest);
  }
}

/** Entry by entry: a folder's list may be longer than the relay's memory. */
async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(folder);
  } catch {
    // It does not exist, or went away while it was read.
  }
}

async function exists(path: string): Promise<boolean> {
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
