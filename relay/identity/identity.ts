/** What the relay enrolled as: the worker's answer to `enroll`. No secret is in it. */
import { join } from "node:path";
import { enrollResponseSchema, type EnrollResponse } from "#shared/link/enrollment.ts";
import { readPrivateFile, writePrivateFile } from "./state-dir.ts";

const FILE_NAME = "identity.json";

export type Identity = EnrollResponse;

export async function readIdentity(stateFolder: string): Promise<Identity | undefined> {
  const path = join(stateFolder, FILE_NAME);
  const text = await readPrivateFile(path);
  if (text === undefined) return undefined;
  const parsed = enrollResponseSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`${path} is damaged; enroll the relay again`);
  return parsed.data;
}

export function writeIdentity(stateFolder: string, identity: Identity): Promise<void> {
  return writePrivateFile(join(stateFolder, FILE_NAME), JSON.stringify(identity, null, 2));
}
