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
  return isPersonal(token)
    ? (await authenticatePersonal(token, env, { network }))?.principal
    : authenticateGranted(token, env);
}

export function isPersonal(token: string): boolean {
  return teamIdOf("pat", token) !== undefined;
}

/** A token that somebody else gave: this worker's OAuth, or an external issuer. */
export async function authenticateGranted(
  token: string,
  env: Pick<Env, "TEAM" | "EXTERNAL_ISSUER">,
): Promise<Principal | undefined> {
  const grant = namedGrantOf(token);
  return grant === undefined
    ? authenticateExternal(token, env)
    : authenticateOAuth(token, grant.team, env);
}

export interface Admitted {
  readonly principal: Principal;
  /** What `relay` named, as the team has it at this moment. */
  readonly named?: NamedRelay | undefined;
}

export interface NamedRelay {
  readonly name: string;
  /** Of its object; null where the team has none of this name. */
  readonly id: string | null;
}

/** A personal token, or one of a service. `relay`: the one it is for, so that one round trip does for both. */
export async function authenticatePersonal(
  token: string,
  env: Pick<Env, "TEAM">,
  { network, relay }: { readonly network: string; readonly relay?: string | undefined },
): Promise<Admitted | undefined> {
  const team = teamIdOf("pat", token);
  if (team === undefined) return undefined;
  const hash = await hashSecret(token);
  const use = { nowMs: Date.now(), network, relay };
  const credential = await readTwice(async () => teamOf(env, team)?.authorize(hash, use));
  if (credential === undefined || credential === null) return undefined;
  const { id, principal, scopes, relayId } = credential;
  const person = principal === id ? {} : { person: principal };
  const named =
    relay === undefined || relayId === undefined ? undefined : { name: relay, id: relayId };
  return { principal: { id: principal, credential: id, team, scopes, ...person }, named };
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
