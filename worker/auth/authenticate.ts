/** From a bearer token to a principal. The kind of a token shows in its form. */
import type { Env } from "../env.ts";
import { authenticateExternal } from "../external/authenticate-external.ts";
import { grantKey, namedGrantOf, type NamedGrant } from "../oauth/grants/user-id.ts";
import { readTwice } from "../read-twice.ts";
import type { Credential } from "../team/rpc.ts";
import { teamOf } from "../team/stub.ts";
import { failedTries } from "./failed-tries.ts";
import type { Known } from "./known-callers.ts";
import { hashSecret, teamIdOf } from "./secret.ts";

type Settings = Pick<Env, "TEAM" | "EXTERNAL_ISSUER">;

/**
 * What its team says at this moment. `network` is `networkOf` the address that it came from. Undefined for
 * every token that is not valid here; the caller learns no more than that.
 */
export async function authenticate(
  token: string,
  env: Settings,
  network = "unknown",
): Promise<Known | undefined> {
  const team = teamIdOf("pat", token);
  if (team !== undefined) return authenticatePersonal(token, env, { team, network });
  const grant = namedGrantOf(token);
  if (grant !== undefined) return authenticateOAuth(token, env, { grant, network });
  const principal = await authenticateExternal(token, env);
  return principal === undefined
    ? undefined
    : { principal, expiresAtMs: (principal.client?.expiresAtS ?? 0) * 1_000 };
}

export function isPersonal(token: string): boolean {
  return teamIdOf("pat", token) !== undefined;
}

/** A member's personal token, or a service's. */
async function authenticatePersonal(
  token: string,
  env: Settings,
  { team, network }: { readonly team: string; readonly network: string },
): Promise<Known | undefined> {
  const hash = await hashSecret(token);
  const credential = await authorizePersonal(hash, env, { team, network });
  if (credential === undefined) return undefined;
  const { id, principal, scopes, rightsVersion, auditReads, expiresAtMs } = credential;
  const person = principal === id ? {} : { person: principal };
  const about = { credential: id, team, scopes, rightsVersion, auditReads, ...person };
  return { principal: { id: principal, ...about }, expiresAtMs };
}

/** What its team says of the hash of such a token. */
export function authorizePersonal(
  hash: string,
  env: Pick<Env, "TEAM">,
  { team, network }: { readonly team: string; readonly network: string },
): Promise<Credential | undefined> {
  const use = { nowMs: Date.now(), network };
  return failedTries.ask(
    { at: team, from: network, as: hash, isWhole: true },
    async () => (await readTwice(async () => teamOf(env, team)?.authorize(hash, use))) ?? undefined,
    isNobody,
  );
}

async function authenticateOAuth(
  token: string,
  env: Settings,
  { grant, network }: { readonly grant: NamedGrant; readonly network: string },
): Promise<Known | undefined> {
  const { team } = grant;
  const found = await failedTries.ask(
    { at: team, from: network, as: grantKey(grant), isWhole: false },
    async () =>
      (await readTwice(async () => teamOf(env, team)?.authorizeOAuth(token))) ?? undefined,
    isNobody,
  );
  if (found === undefined) return undefined;
  const { id, principal, scopes, client, expiresAtS, rightsVersion, auditReads } = found;
  const about = { auditReads, person: principal, client: { id: client, expiresAtS } };
  return {
    principal: { id: principal, credential: id, team, scopes, rightsVersion, ...about },
    expiresAtMs: expiresAtS * 1_000,
  };
}

function isNobody(found: unknown): boolean {
  return found === undefined;
}
