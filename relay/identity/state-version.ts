/** Which form the files of the state folder have: relay/STATE.md says what raises the number. */
import { join } from "node:path";
import * as z from "zod/mini";
import { NeedsOperator } from "../needs-operator.ts";
import { readJsonIfThere } from "./state-dir.ts";

/** The first version, which no file states. */
const STATE_VERSION = 1;

const FILE_NAME = "state.json";
const stateSchema = z.object({ version: z.number().check(z.int(), z.minimum(1)) });

export const NEWER_STATE_REMEDY =
  "Install that release again, restore an earlier copy of the folder, or move it away and enroll again.";

const DAMAGED =
  "is damaged: put back a copy of the folder, or move the folder away and enroll anew";

/** The problem in words; undefined if this release can read what is there. */
export async function newerState(stateFolder: string): Promise<string | undefined> {
  const found = await readJsonIfThere(join(stateFolder, FILE_NAME), stateSchema, DAMAGED);
  if (found === undefined || found.version <= STATE_VERSION) return undefined;
  return `${stateFolder} was written by a newer release of the relay: its form is ${found.version}, and this release knows ${STATE_VERSION}.`;
}

/** Before anything in the folder is read: what is misread would be written over. */
export async function requireKnownState(stateFolder: string): Promise<void> {
  const newer = await newerState(stateFolder);
  if (newer === undefined) return;
  throw new NeedsOperator(`${newer} Nothing in it was changed. ${NEWER_STATE_REMEDY}`);
}
