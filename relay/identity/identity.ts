/** What the relay enrolled as: the worker's answer to `enroll`. It holds no secret. */
import { join } from "node:path";
import { enrollResponseSchema, type EnrollResponse } from "#shared/link/enrollment.ts";
import { readPrivateJson, writePrivateFile } from "./state-dir.ts";

const FILE_NAME = "identity.json";

export type Identity = EnrollResponse;

export function readIdentity(stateFolder: string): Promise<Identity | undefined> {
  const damaged = "is damaged: enroll the relay again with --force";
  return readPrivateJson(join(stateFolder, FILE_NAME), enrollResponseSchema, damaged);
}

export function writeIdentity(stateFolder: string, identity: Identity): Promise<void> {
  return writePrivateFile(join(stateFolder, FILE_NAME), JSON.stringify(identity, null, 2));
}
