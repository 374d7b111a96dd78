/** The names that instances were given, so that a restart does not hand them out anew. */
import { join } from "node:path";
import * as z from "zod/mini";
import { isName } from "#shared/instance-id.ts";
import type { Names } from "../discovery/names.ts";
import { readPrivateJson, writePrivateFile } from "./state-dir.ts";

const FILE_NAME = "names.json";
/** A name that is none would make the inventory unreadable for the worker. */
const namesSchema = z.record(z.string(), z.string().check(z.refine(isName)));

export async function readNames(stateFolder: string): Promise<Names> {
  const damaged = "is damaged: remove it, and instances are named anew";
  const names = await readPrivateJson(join(stateFolder, FILE_NAME), namesSchema, damaged);
  return new Map(Object.entries(names ?? {}));
}

export function writeNames(stateFolder: string, names: Names): Promise<void> {
  const text = JSON.stringify(Object.fromEntries(names), null, 2);
  return writePrivateFile(join(stateFolder, FILE_NAME), text);
}
