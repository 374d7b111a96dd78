/**
 * May a path be opened at all? Any local process can put a socket into /tmp; one that is not ours, or
 * not where it seems, gets no byte.
 */
import { lstat, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { err, ok, type Result } from "#shared/result.ts";

/** Distinguishes this socket file from a later one at the same path. */
export type SocketFileId = string;

/** `owners`: root, the relay's own user, and what the device file adds. The error says why not. */
export async function checkTrust(
  path: string,
  owners: ReadonlySet<number>,
): Promise<Result<SocketFileId, string>> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return err("Its socket file is gone.");
  if (found.isSymbolicLink()) return err("It is a symbolic link; name the socket itself.");
  if (!found.isSocket()) return err("It is not a socket.");
  if (!owners.has(found.uid)) {
    return err(
      `It belongs to user ${found.uid}. If that is AimDB's user, add it to allowed_owners.`,
    );
  }
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (folder === undefined || !owners.has(folder.uid)) {
    return err("Its folder belongs to a user who is not in allowed_owners.");
  }
  return ok(`${found.dev}:${found.ino}:${found.ctimeMs}`);
}
