/** From a bearer token to a principal. What a token is shows in its form. */
import type { Env } from "../env.ts";
import { authenticateExternal } from "../external/authenticate-external.ts";
import { namedGrantOf } from "../oauth/user-id.ts";
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
  env: Pick<Env, "TEAM" | "EXTERNAL_ISSUER">,
  network = "unknown",
): Promise<Principal | undefined> {
  if (token === undefined) return undefined;
  if (teamIdOf("pat", token) !== undefined) return authenticatePersonal(token, env, network);
  const grant = namedGrantOf(token);
  return grant === undefined
    ? authenticateExternal(token, env)
    : authenticateOAuth(token, grant.team, env);
}

/** A personal token, or one of a service. */
export async function authenticatePersonal(
  token: string | undefined,
  env: Pick<Env, "TEAM">,
  network = "unknown",
): Promise<Principal | undefined> {
  const team = token === undefined ? undefined : teamIdOf("pat", token);
  if (token === undefined || team === undefined) return undefined;
  const hash = await hashSecret(token);
  const use = { nowMs: Date.now(), network };
  const credential = await readTwice(async () => teamOf(env, team)?.authorize(hash, use));
  if (credential === undefined || credential === null) return undefined;
  const { id, principal, scopes } = credential;
  const person = principal === id ? {} : { person: principal };
  return { id: principal, credential: id, team, scopes, ...person };
}

async function authenticateOAuth(
  token: string,
  team: string,
  env: Pick<Env, "TEAM">,
): Promise<Principal | undefined> {
  const found = await readTwice(async () => teamOf(env, team)?.authorizeOAuth(token));
  if (found === undefined || found === null) return undefined;
  const { id, principal, scopes, client, expiresAtS } = found;
  const about = { person: principal, client: { id: client, expiresAtS } };
  return { id: principal, credential: id, team, scopes, ...about };
}
