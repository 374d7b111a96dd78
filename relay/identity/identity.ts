/** What the relay enrolled as: the worker's answer to `enroll`, and where it was asked. It holds no secret. */
import { join } from "node:path";
import * as z from "zod/mini";
import { enrollResponseSchema } from "#shared/link/enrollment.ts";
import { readPrivateJson, writePrivateFile } from "./state-dir.ts";

const FILE_NAME = "identity.json";

const identitySchema = z.extend(enrollResponseSchema, {
  /** The origin that `enroll` was given: a worker has two, and names only one of them in `link_url`. */
  enrolled_at: z.optional(z.string()),
});
export type Identity = z.infer<typeof identitySchema>;

export function readIdentity(stateFolder: string): Promise<Identity | undefined> {
  const damaged = "is damaged: enroll the relay again with --force";
  return readPrivateJson(join(stateFolder, FILE_NAME), identitySchema, damaged);
}

export function writeIdentity(stateFolder: string, identity: Identity): Promise<void> {
  return writePrivateFile(join(stateFolder, FILE_NAME), JSON.stringify(identity, null, 2));
}
