/** Finds the one directory object. */
import type { Env } from "../env.ts";
import type { Remote } from "../object-namespace.ts";
import type { DirectoryRpc } from "./rpc.ts";

export function directoryOf({ DIRECTORY }: Pick<Env, "DIRECTORY">): Remote<DirectoryRpc> {
  return DIRECTORY.get(DIRECTORY.idFromName("directory"));
}
