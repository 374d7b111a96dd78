/** The names that instances were given, so that a restart does not reassign them. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { isName } from "#shared/instance-id.ts";
import type { Names } from "../discovery/names.ts";
import type { Log } from "../log.ts";
import { putAside, readJsonIfThere, writePrivateFile } from "./state-dir.ts";

const FILE_NAME = "names.json";
/** Who may write it decides which process a call reaches. Who may read it learns no secret. */
const WRITABLE_BY_OTHERS = 0o022;
/** An invalid name would make the inventory unreadable for the worker. */
const namesSchema = z.record(z.string(), z.string().check(z.refine(isName)));

/** A file that can't be used does not stop the relay: it is put aside, and instances get new names. */
export async function readNames(stateFolder: string, log: Log): Promise<Names> {
  const path = join(stateFolder, FILE_NAME);
  try {
    const names = await readJsonIfThere(path, namesSchema, "is damaged");
    if (names === undefined) return new Map();
    if (((await stat(path)).mode & WRITABLE_BY_OTHERS) !== 0) {
      throw new Error(`${path} can be written by others`);
    }
    return new Map(Object.entries(names));
  } catch (error) {
    log.warn("names_unused", await putAside(path, error));
    return new Map();
  }
}

export function writeNames(stateFolder: string, names: Names): Promise<void> {
  const text = JSON.stringify(Object.fromEntries(names), null, 2);
  return writePrivateFile(join(stateFolder, FILE_NAME), text);
}
