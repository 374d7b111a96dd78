/** Files that only the relay may read: its key, what it enrolled as, the names it gave. */
import { chmod, mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";

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
    throw new Error(`${path} has mode ${mode}, expected 0600: run chmod 600 on it`);
  }
  return readFile(path, "utf8");
}

/** Whole or not at all: the new file takes the old one's place once it is on disk. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  await chmod(dirname(path), OWNER_ONLY_FOLDER);
  const fresh = `${path}.new`;
  const file = await open(fresh, "w", OWNER_ONLY_FILE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}
