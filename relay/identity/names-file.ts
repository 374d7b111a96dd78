/** The names that instances were given, so that a restart does not hand them out anew. */
import { join } from "node:path";
import * as z from "zod/mini";
import type { Names } from "../discovery/names.ts";
import { readPrivateFile, writePrivateFile } from "./state-dir.ts";

const FILE_NAME = "names.json";
const namesSchema = z.record(z.string(), z.string());

export async function readNames(stateFolder: string): Promise<Names> {
  const text = await readPrivateFile(join(stateFolder, FILE_NAME));
  return new Map(text === undefined ? [] : Object.entries(namesSchema.parse(JSON.parse(text))));
}

export function writeNames(stateFolder: string, names: Names): Promise<void> {
  const text = JSON.stringify(Object.fromEntries(names), null, 2);
  return writePrivateFile(join(stateFolder, FILE_NAME), text);
}
