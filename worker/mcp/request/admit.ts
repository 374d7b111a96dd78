/** Who sends a request to `/mcp`, and what a sender that may not is answered. */
import { err, ok, type Result } from "#shared/result.ts";
import { authenticate, isPersonal } from "../../auth/authenticate.ts";
import { bearerToken } from "../../auth/bearer.ts";
import { knownCallers, type Known } from "../../auth/known-callers.ts";
import type { Principal } from "../../auth/principal.ts";
import { Deadline } from "../../deadline.ts";
import type { Env } from "../../env.ts";
import { senderNetwork } from "../../http/client-address.ts";
import { hasOAuth } from "../../oauth/library/authorization-server.ts";
import { challengeOf } from "../../oauth/endpoints/protect.ts";
import { addressedBy, originsOf } from "../../origins.ts";
import { RPC_CODES, type RpcRefusal } from "./json-rpc-error.ts";

/** A team or an issuer that takes longer counts as unreachable. */
const AUTHENTICATED_WITHIN_MS = 10_000;

/** Uses what is known of the token, if that is recent enough. */
export function admit(request: Request, env: Env): Promise<Result<Principal, RpcRefusal>> {
  return admitBy("find", request, env);
}

/** Asks the team again; undefined if it no longer accepts the token. */
export async function readmitted(request: Request, env: Env): Promise<Principal | undefined> {
  const admitted = await admitBy("renew", request, env);
  return admitted.ok ? admitted.value : undefined;
}

export function withChallenge(refusal: RpcRefusal, challenge: string): RpcRefusal {
  return { ...refusal, headers: { "www-authenticate": challenge } };
}

/** The token origin takes personal tokens only, and does not say how to get another kind. */
async function admitBy(
  look: "find" | "renew",
  request: Request,
  env: Env,
): Promise<Result<Principal, RpcRefusal>> {
  const { headers } = request;
  const { main } = originsOf(env);
  const isMain = addressedBy(headers.get("host") ?? undefined, originsOf(env)) === "main";
  const hasMore = isMain && hasOAuth(main);
  const token = bearerToken(headers);
  const from = senderNetwork(request, env);
  const known =
    token === undefined || !(hasMore || isPersonal(token))
      ? undefined
      : await knownCallers[look]({ token, from }, () =>
          new Deadline(AUTHENTICATED_WITHIN_MS).ask(() => authenticate(token, env, from)),
        );
  return hasMore ? challenged(headers, known, main) : passed(known);
}

function passed(known: Known | undefined): Result<Principal, RpcRefusal> {
  return known === undefined ? err(withChallenge(UNAUTHORIZED, "Bearer")) : ok(known.principal);
}

/** A personal token that is not valid here gets the same answer as none: how to get another kind. */
async function challenged(
  headers: Headers,
  known: Known | undefined,
  main: URL,
): Promise<Result<Principal, RpcRefusal>> {
  const principal = known?.principal;
  // A principal without a client has no audience either, so there is nothing for the library to check.
  if (principal !== undefined && principal.client === undefined) return ok(principal);
  const challenge = await challengeOf(headers, principal, main);
  if (principal !== undefined && challenge === undefined) return ok(principal);
  return err(withChallenge(UNAUTHORIZED, challenge ?? "Bearer"));
}

const UNAUTHORIZED: RpcRefusal = {
  status: 401,
  code: RPC_CODES.refused,
  message: "Send a valid access token: Authorization: Bearer …",
};
