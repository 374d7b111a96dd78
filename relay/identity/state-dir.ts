/** Files that only the relay may read: its key, what it enrolled as, the names it gave, its journal. */
import { chmod, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type * as z from "zod/mini";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { parseOrUndefined } from "#shared/parse/parse-or-undefined.ts";
import { errorText } from "#shared/text/error-text.ts";
import { mayPass, NeedsOperator } from "../needs-operator.ts";

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;
const OTHERS = 0o077;

/** Undefined if there is no such file. Throws if others may read it: it may be a key. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  if ((found.mode & OTHERS) !== 0) {
    const mode = (found.mode & 0o777).toString(8).padStart(4, "0");
    throw new NeedsOperator(`${path} has mode ${mode}, expected 0600: run chmod 600 on it`);
  }
  return readFile(path, "utf8");
}

/** `damaged` says which file the schema refused, and what to do; its content is not shown, since it may be a key. */
export async function readPrivateJson<S extends z.ZodMiniType>(
  path: string,
  schema: S,
  damaged: string,
): Promise<z.infer<S> | undefined> {
  const text = await readPrivateFile(path);
  return text === undefined ? undefined : parseJsonFile({ path, text }, schema, damaged);
}

/** For a file whose mode somebody else is responsible for. */
export async function readJsonIfThere<S extends z.ZodMiniType>(
  path: string,
  schema: S,
  damaged: string,
): Promise<z.infer<S> | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseJsonFile({ path, text }, schema, damaged);
}

function parseJsonFile<S extends z.ZodMiniType>(
  { path, text }: { path: string; text: string },
  schema: S,
  damaged: string,
): z.infer<S> {
  const parsed = safeParse(schema, parseOrUndefined(text));
  if (!parsed.success) throw new NeedsOperator(`${path} ${damaged}`);
  return parsed.data;
}

/** For a file that the relay can do without. Throws what may pass: the file may be good. */
export async function putAside(
  path: string,
  error: unknown,
): Promise<{ readonly reason: string; readonly kept: string }> {
  if (mayPass(error)) throw error;
  const kept = `${path}.unused`;
  await rename(path, kept).catch(() => {});
  return { reason: errorText(error), kept };
}

/** All or nothing: the new file replaces the old one once it is on disk, including its name in the folder. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  await chmod(folder, OWNER_ONLY_FOLDER);
  const fresh = `${path}.new`;
  // What is there was left by a crash, or by somebody who could write here before.
  await rm(fresh, { force: true });
  const file = await open(fresh, "wx", OWNER_ONLY_FILE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await takePlaceOf(fresh, path);
}

/** `fresh` replaces `path`, and survives a power cut. Both are in one folder. */
export async function takePlaceOf(fresh: string, path: string): Promise<void> {
  await rename(fresh, path);
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
