/** The authorization server: `@cloudflare/workers-oauth-provider`, set up for one installation. */
import { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";
import type { Scope } from "#shared/access/scope.ts";
import { logEvent } from "../../log.ts";
import { isLoopback } from "#shared/net/loopback.ts";
import type { OAuthEnv } from "../storage/kv.ts";

export const AUTHORIZE_PATH = "/authorize";
export const TOKEN_PATH = "/oauth/token";
export const REGISTER_PATH = "/oauth/register";

/** Scopes that a client may be given. Managing a team takes a person, or a token made for it. */
export const OAUTH_SCOPES = ["aimdb:read", "aimdb:write"] as const satisfies readonly Scope[];

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;

const ACCESS_TOKEN_TTL_S = HOUR_S;
/** Sliding: a connector in use stays connected. */
const REFRESH_TOKEN_TTL_S = 30 * DAY_S;
/** Renewed by the library while the client gets tokens. */
const CLIENT_TTL_S = 90 * DAY_S;
/** For a client that nobody has consented to yet; its first token extends it to the above. */
export const NEW_CLIENT_TTL_S = DAY_S;

export function resourceOf(main: URL): string {
  return new URL("/mcp", main).href;
}

/**
 * OAuth needs a name that clients can verify. Plain HTTP is acceptable on this machine only; an installation at
 * http://192.0.2.7 accepts personal tokens and nothing else.
 */
export function hasOAuth(main: URL): boolean {
  return main.protocol === "https:" || isLoopback(main.hostname);
}

export interface ServerSettings {
  /** The canonical origin. */
  readonly main: URL;
  readonly clientTtlS?: number;
}

/**
 * The library's own fetch of client metadata documents stays off, because it follows redirects. Documents come
 * through the store instead, as if they had been registered (client-document.ts).
 */
export function createAuthorizationServer({
  main,
  clientTtlS = CLIENT_TTL_S,
}: ServerSettings): OAuthAuthorizationServer<OAuthEnv> {
  return new OAuthAuthorizationServer<OAuthEnv>({
    issuer: main.origin,
    resources: [resourceOf(main)],
    authorizeEndpoint: AUTHORIZE_PATH,
    tokenEndpoint: TOKEN_PATH,
    clientRegistrationEndpoint: REGISTER_PATH,
    scopesSupported: [...OAUTH_SCOPES],
    accessTokenTTL: ACCESS_TOKEN_TTL_S,
    refreshTokenTTL: REFRESH_TOKEN_TTL_S,
    refreshTokenIdleTTL: REFRESH_TOKEN_TTL_S,
    clientRegistrationTTL: clientTtlS,
    // Which of them are allowed is decided before the library is asked (redirect-uri.ts).
    allowPrivateUseRedirectUris: true,
    clientIdMetadataDocumentEnabled: false,
    onError: ({ code, status, internal }) => {
      logEvent("info", "oauth_refused", { code, status, reason: internal.reason });
    },
  });
}
