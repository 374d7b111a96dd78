/** From a bearer token to a principal. What a token is shows in its form. */
import type { Env } from "../env.ts";
import { authenticateExternal } from "../external/authenticate-external.ts";
import { namedGrantOf } from "../oauth/grants/user-id.ts";
import { readTwice } from "../read-twice.ts";
import { teamOf } from "../team/stub.ts";
import type { Known } from "./known-callers.ts";
import { hashSecret, teamIdOf } from "./secret.ts";

type Settings = Pick<Env, "TEAM" | "EXTERNAL_ISSUER">;

/**
 * As its team says at this moment. `network` is where it came from, `networkOf` its address. Undefined for every
 * token that opens nothing; the caller learns no more than that.
 */
export async function authenticate(
  token: string,
  env: Settings,
  network = "unknown",
): Promise<Known | undefined> {
  const team = teamIdOf("pat", token);
  if (team !== undefined) return authenticatePersonal(token, env, { team, network });
  const grant = namedGrantOf(token);
  if (grant !== undefined) return authenticateOAuth(token, grant.team, env);
  const principal = await authenticateExternal(token, env);
  return principal === undefined
    ? undefined
    : { principal, expiresAtMs: (principal.client?.expiresAtS ?? 0) * 1_000 };
}

export function isPersonal(token: string): boolean {
  return teamIdOf("pat", token) !== undefined;
}

/** A personal token, or one of a service. */
async function authenticatePersonal(
  token: string,
  env: Settings,
  { team, network }: { readonly team: string; readonly network: string },
): Promise<Known | undefined> {
  const hash = await hashSecret(token);
  const use = { nowMs: Date.now(), network };
  const credential = await readTwice(async () => teamOf(env, team)?.authorize(hash, use));
  if (credential === undefined || credential === null) return undefined;
  const { id, principal, scopes, rightsVersion, auditReads, expiresAtMs } = credential;
  const person = principal === id ? {} : { person: principal };
  const about = { credential: id, team, scopes, rightsVersion, auditReads, ...person };
  return { principal: { id: principal, ...about }, expiresAtMs };
}

async function authenticateOAuth(
  token: string,
  team: string,
  env: Settings,
): Promise<Known | undefined> {
  const found = await readTwice(async () => teamOf(env, team)?.authorizeOAuth(token));
  if (found === undefined || found === null) return undefined;
  const { id, principal, scopes, client, expiresAtS, rightsVersion, auditReads } = found;
  const about = { auditReads, person: principal, client: { id: client, expiresAtS } };
  return {
    principal: { id: principal, credential: id, team, scopes, rightsVersion, ...about },
    expiresAtMs: expiresAtS * 1_000,
  };
}
