/** The configured OpenID provider, through openid-client: discovery, the redirect to it, and its answer. */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  type Configuration,
} from "openid-client";
import * as z from "zod/mini";
import { emailSchema } from "../account/email.ts";
import type { Identity, Transaction } from "../directory/rpc.ts";
import { MAX_SIGN_IN_AGE_MS } from "../session/sign-in-age.ts";
import { isPlainLoopback } from "#shared/net/loopback.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import type { OpenIdSettings } from "./settings.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

/** Kept in the isolate this long: keys and endpoints rarely change. */
const CONFIGURATION_KEPT_MS = 10 * 60_000;

/** The maximum age of a session of ours. */
const MAX_AGE_S = 7 * 86_400;
const MAX_AGE_AGAIN_S = MAX_SIGN_IN_AGE_MS / 1000;

let kept:
  | { readonly key: string; readonly sinceMs: number; readonly configuration: Configuration }
  | undefined;

export interface Claimed {
  readonly identity: Identity;
  /** Undefined unless the provider says that it verified the address. */
  readonly verifiedEmail: string | undefined;
  readonly name: string | undefined;
  /** When the person signed in at the provider; null if it does not say. */
  readonly provenAtMs: number | null;
}

const personClaims = z.object({
  email: z.optional(emailSchema),
  email_verified: z.optional(z.boolean()),
  name: z.optional(z.string()),
});

/** Where the browser goes to sign in. */
export async function authorizationUrl(
  settings: OpenIdSettings,
  { state, nonce, verifier, isAgain }: Transaction,
  redirectUri: URL,
): Promise<URL> {
  const configuration = await configurationOf(settings);
  return buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri.href,
    scope: "openid email profile",
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    // Asked for an age, a provider says when the person signed in (OpenID Connect Core 1.0 §3.1.2.1).
    max_age: String(isAgain ? MAX_AGE_AGAIN_S : MAX_AGE_S),
    // Otherwise the provider, too, would accept an earlier sign-in.
    ...(isAgain ? { prompt: "login" } : {}),
  });
}

/** Throws for an answer that proves nothing. `callback` is the redirect URI with the answer's parameters. */
export async function exchange(
  settings: OpenIdSettings,
  { state, nonce, verifier, isAgain }: Transaction,
  callback: URL,
): Promise<Claimed> {
  const configuration = await configurationOf(settings);
  const tokens = await authorizationCodeGrant(configuration, callback, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
    // Whatever was requested, the provider may have let the person pass without signing in again.
    ...(isAgain ? { maxAge: MAX_AGE_AGAIN_S } : {}),
  });
  const claims = tokens.claims();
  if (claims === undefined) throw new Error("No ID token");
  const own = safeParse(personClaims, claims);
  const hasEmail = own.success && own.data.email !== undefined;
  const person = hasEmail
    ? own
    : safeParse(personClaims, await fetchUserInfo(configuration, tokens.access_token, claims.sub));
  const { email, email_verified, name } = person.data ?? {};
  return {
    identity: { issuer: claims.iss, subject: claims.sub },
    verifiedEmail: email_verified === true ? email : undefined,
    name,
    provenAtMs:
      claims.auth_time === undefined ? null : Math.min(claims.auth_time * 1000, Date.now()),
  };
}

async function configurationOf(settings: OpenIdSettings): Promise<Configuration> {
  const key = JSON.stringify([settings.issuer.href, settings.clientId, settings.clientSecret]);
  const nowMs = Date.now();
  if (kept?.key === key && nowMs - kept.sinceMs < CONFIGURATION_KEPT_MS) return kept.configuration;
  const { issuer, clientId, clientSecret } = settings;
  const configuration = await discovery(
    issuer,
    clientId,
    undefined,
    ClientSecretPost(clientSecret),
    {
      [customFetch]: boundedFetch,
      // TLS alone would vouch for the ID token; its signature is verified too.
      execute: [
        enableNonRepudiationChecks,
        ...(isPlainLoopback(issuer) ? [allowInsecureRequests] : []),
      ],
    },
  );
  kept = { key, sinceMs: nowMs, configuration };
  return configuration;
}
