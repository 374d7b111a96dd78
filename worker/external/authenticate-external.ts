/** From a JWT of the configured issuer to a principal. */
import { scopesOfRole } from "../access/role.ts";
import type { Principal } from "../auth/principal.ts";
import type { Env } from "../env.ts";
import { readTwice } from "../read-twice.ts";
import { teamOf } from "../team/stub.ts";
import { configuredIssuer } from "./configured-issuer.ts";

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export async function authenticateExternal(
  token: string,
  env: Pick<Env, "TEAM" | "EXTERNAL_ISSUER">,
): Promise<Principal | undefined> {
  const issuer = JWT.test(token) ? configuredIssuer(env) : undefined;
  const identity = await issuer?.verify(token);
  if (issuer === undefined || identity === undefined) return undefined;
  const { subject, client, team, role, expiresAtS } = identity;
  const id = await issuer.idOf(identity);
  const use = { id, subject, nowMs: Date.now() };
  const admitted = await readTwice(async () => teamOf(env, team)?.admitSubject(use));
  if (admitted === undefined || admitted === null) return undefined;
  const scopes = scopesOfRole(role);
  return { id, team, scopes, ...admitted, client: { id: client, expiresAtS } };
}
