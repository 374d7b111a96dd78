/** From a bearer token to a principal. */
import type { Env } from "../env.ts";
import { readTwice } from "../read-twice.ts";
import { teamOf } from "../team/stub.ts";
import type { Principal } from "./principal.ts";
import { hashSecret, teamIdOf } from "./secret.ts";

/** Undefined for every token that opens nothing; the caller learns no more than that. */
export async function authenticate(
  token: string | undefined,
  env: Pick<Env, "TEAM">,
): Promise<Principal | undefined> {
  const teamId = token === undefined ? undefined : teamIdOf("pat", token);
  if (token === undefined || teamId === undefined) return undefined;
  const hash = await hashSecret(token);
  const credential = await readTwice(async () => teamOf(env, teamId)?.authorize(hash, Date.now()));
  if (credential === undefined || credential === null) return undefined;
  return { id: credential.id, team: teamId, scopes: credential.scopes };
}
