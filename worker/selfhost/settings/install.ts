/** What an installation keeps for good: the keys of its object namespaces and its admin token's hash. */
import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { parseOrUndefined } from "#shared/parse/parse-or-undefined.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;
const FILE_NAME = "install.json";

const hex32 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const installSchema = z.object({
  /**
   * By class name. Object ids are unforgeable only as long as these are secret, and objects are found only as long
   * as they stay the same: back them up with the state, and never change them.
   */
  unique_keys: z.record(z.string(), hex32),
  admin_token_sha256: hex32,
});
export type Install = z.infer<typeof installSchema>;

export interface OpenedInstall {
  readonly install: Install;
  /** Only available at the first start, to whoever saw it. */
  readonly adminToken: string | undefined;
}

export async function openInstall(
  stateFolder: string,
  classNames: readonly string[],
): Promise<OpenedInstall> {
  await mkdir(stateFolder, { recursive: true });
  const path = join(stateFolder, FILE_NAME);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  // Before anything is changed: it may be somebody's home, or a state that was restored without its keys.
  if (text === undefined && !(await isNew(stateFolder))) throw new Error(notOurs(stateFolder));
  await chmod(stateFolder, OWNER_ONLY_FOLDER);
  if (text !== undefined) {
    const { data: install } = safeParse(installSchema, parseOrUndefined(text));
    if (install === undefined) throw new Error(damaged(path));
    return { install: await withNewClasses(path, install, classNames), adminToken: undefined };
  }
  const adminToken = createAdminToken();
  const install = {
    unique_keys: keysFor(classNames),
    admin_token_sha256: hashToken(adminToken),
  };
  await writeFile(path, JSON.stringify(install, null, 2), { mode: OWNER_ONLY_FILE, flag: "wx" });
  return { install, adminToken };
}

export function createAdminToken(): string {
  return `aimdb_admin_${randomBytes(32).toString("base64url")}`;
}

export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** A release may add a class; the existing ones keep their keys. */
async function withNewClasses(
  path: string,
  install: Install,
  classNames: readonly string[],
): Promise<Install> {
  const fresh = classNames.filter((name) => install.unique_keys[name] === undefined);
  if (fresh.length === 0) return install;
  const grown = { ...install, unique_keys: { ...install.unique_keys, ...keysFor(fresh) } };
  // Beside the old one first: nothing stored is found again without the keys that it has.
  await writeFile(`${path}.new`, JSON.stringify(grown, null, 2), {
    mode: OWNER_ONLY_FILE,
    flush: true,
  });
  await rename(`${path}.new`, path);
  return grown;
}

/** A volume of its own may have a folder for what a check of its file system finds. */
async function isNew(folder: string): Promise<boolean> {
  return (await readdir(folder)).every((name) => name === "lost+found");
}

function notOurs(folder: string): string {
  return `${folder} has files, but no ${FILE_NAME}: it is not a worker's state folder, or not a whole one. Nothing was changed. Name an empty folder, or put ${FILE_NAME} back from the backup: without its keys nothing in objects is found.`;
}

function damaged(path: string): string {
  return `${path} is damaged. Put it back from the backup: without its keys nothing in objects is found.`;
}

function keysFor(classNames: readonly string[]): Record<string, string> {
  return Object.fromEntries(classNames.map((name) => [name, randomBytes(32).toString("hex")]));
}
