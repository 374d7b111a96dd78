/** `/mcp` as OAuth's protected resource: a caller that may not pass is told where to get a token. */
import { insufficientScope, OAuthResourceServer } from "@cloudflare/workers-oauth-provider";
import type { Principal } from "../../auth/principal.ts";
import { OAUTH_SCOPES, resourceOf } from "../library/authorization-server.ts";
import { libraryContext } from "../library/library-context.ts";
import { resourceOptions } from "./resource-options.ts";

/**
 * Undefined: let it pass. Otherwise the challenge. The principal is what the request's own token stands for; the
 * library decides on the token's audience and expiry.
 */
export async function challengeOf(
  headers: Headers,
  principal: Principal | undefined,
  main: URL,
): Promise<string | undefined> {
  const server = new OAuthResourceServer({
    ...resourceOptions(main),
    validateToken: () => (audience) => Promise.resolve(validationOf(principal, audience)),
    handler: { fetch: () => new Response(null, { status: 204 }) },
  });
  const request = new Request(resourceOf(main), { headers });
  const response = await server.fetch(request, {}, libraryContext());
  if (response.status === 204) return undefined;
  return response.headers.get("www-authenticate") ?? "Bearer";
}

function validationOf(principal: Principal | undefined, audience: string) {
  if (principal === undefined) return null;
  const { scopes, client } = principal;
  const bounds = client === undefined ? {} : { clientId: client.id, expiresAt: client.expiresAtS };
  return { props: {}, audience, scope: [...scopes], ...bounds };
}

/** For a token that is valid but lacks a scope: the client asks its person for all of these. */
export function writeChallenge(main: URL): string {
  const auth = { token: "", audience: resourceOf(main), scope: [] };
  const response = insufficientScope(auth, [...OAUTH_SCOPES], "Writing needs aimdb:write");
  return response.headers.get("www-authenticate") ?? "Bearer";
}
