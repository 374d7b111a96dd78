/** From a bearer token to a principal. */
import type { Env } from "../env.ts";
import { readTwice } from "../read-twice.ts";
import { teamOf } from "../team/stub.ts";
import type { Principal } from "./principal.ts";
import { hashSecret, teamIdOf } from "./secret.ts";

/**
 * `network` is where it came from, `networkOf` its address. Undefined for every token that opens nothing;
 * the caller learns no more than that.
 */
export async function authenticate(
  token: string | undefined,
  env: Pick<Env, "TEAM">,
  network = "unknown",
): Promise<Principal | undefined> {
  const teamId = token === undefined ? undefined : teamIdOf("pat", token);
  if (token === undefined || teamId === undefined) return undefined;
  const hash = await hashSecret(token);
  const use = { nowMs: Date.now(), network };
  const credential = await readTwice(async () => teamOf(env, teamId)?.authorize(hash, use));
  if (credential === undefined || credential === null) return undefined;
  const { id, principal, scopes } = credential;
  const person = principal === id ? undefined : principal;
  return { id: principal, team: teamId, scopes, credential: id, person };
}
