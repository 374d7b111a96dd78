/** JWTs of the configured issuer: their signature is verified first, then their claims are read. */
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import { hashSecret } from "../auth/secret.ts";
import { logEvent } from "../log.ts";
import { identityOf, type ExternalIdentity } from "./claims.ts";
import { createKeyFetch, type Fetch } from "./key-fetch.ts";
import type { ExternalSettings } from "./settings.ts";

const FETCH_TIMEOUT_MS = 10_000;
/** An unknown key is looked for this often at most. */
const COOLDOWN_MS = 60_000;
const KEYS_KEPT_MS = 10 * 60_000;
const CLOCK_TOLERANCE_S = 60;

export class ExternalIssuer {
  readonly #settings: ExternalSettings;
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  readonly #now: () => number;

  constructor(settings: ExternalSettings, fetch: Fetch, now: () => number) {
    this.#settings = settings;
    this.#now = now;
    this.#keys = createRemoteJWKSet(new URL(settings.jwks_url), {
      timeoutDuration: FETCH_TIMEOUT_MS,
      cooldownDuration: COOLDOWN_MS,
      cacheMaxAge: KEYS_KEPT_MS,
      [customFetch]: createKeyFetch(fetch, now),
    });
  }

  /** Undefined for a token that is not one of theirs for us. Throws if the keys can't be fetched. */
  async verify(token: string): Promise<ExternalIdentity | undefined> {
    const { issuer, algorithms } = this.#settings;
    const nowMs = this.#now();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys, {
        issuer,
        algorithms: [...algorithms],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(nowMs),
        requiredClaims: ["sub", "iat", "exp"],
      });
      const latestIatS = nowMs / 1_000 + CLOCK_TOLERANCE_S;
      if ((payload.iat ?? Number.POSITIVE_INFINITY) > latestIatS) return undefined;
      return identityOf(protectedHeader, payload, this.#settings);
    } catch (error) {
      // That the keys can't be fetched says nothing about the token.
      if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout) throw error;
      logEvent("info", "external_token_refused", { code: error.code });
      return undefined;
    }
  }

  /** Identifies the person in logs and lists, in place of a credential of ours. */
  idOf({ subject }: ExternalIdentity): Promise<string> {
    return hashSecret(`${this.#settings.issuer}\n${subject}`);
  }
}
