/**
 * Whether a dial is the relay's. The signature is checked first, then audience and time; the caller checks `jti`.
 */
import { errors, importJWK, jwtVerify } from "jose";
import {
  CLOCK_TOLERANCE_S,
  dialClaimsSchema,
  DIAL_TOKEN_LIFETIME_S,
  DIAL_TOKEN_TYPE,
  SIGNATURE_ALGORITHM,
  type DialClaims,
  type PublicKey,
} from "#shared/link/dial-token.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

export type DialRefusal =
  | { readonly reason: "refused" }
  /** Correctly signed, but at a wrong time: the device's clock is off. */
  | { readonly reason: "clock" };

export interface DialCheck {
  readonly relayId: string;
  /** Undefined for a dial token. */
  readonly type?: string;
  readonly publicKey: PublicKey;
  readonly installation: string;
  readonly nowMs: number;
}

export async function verifyDial(
  token: string,
  { relayId, type = DIAL_TOKEN_TYPE, publicKey, installation, nowMs }: DialCheck,
): Promise<Result<DialClaims, DialRefusal>> {
  try {
    const key = await importJWK({ ...publicKey }, SIGNATURE_ALGORITHM);
    const { payload } = await jwtVerify(token, key, {
      algorithms: [SIGNATURE_ALGORITHM],
      typ: type,
      issuer: relayId,
      subject: relayId,
      audience: installation,
      currentDate: new Date(nowMs),
      clockTolerance: CLOCK_TOLERANCE_S,
      maxTokenAge: DIAL_TOKEN_LIFETIME_S,
    });
    const claims = safeParse(dialClaimsSchema, payload);
    if (!claims.success || lifetimeOf(claims.data) > DIAL_TOKEN_LIFETIME_S) {
      return err({ reason: "refused" });
    }
    return ok(claims.data);
  } catch (error) {
    return err({ reason: isAboutTime(error) ? "clock" : "refused" });
  }
}

export interface SignedDial {
  readonly claims: DialClaims;
  readonly signedBy: PublicKey;
}

/** With any of the relay's keys: while one replaces the other there are two. */
export async function verifySigned(
  token: string,
  publicKeys: readonly PublicKey[],
  check: Omit<DialCheck, "publicKey">,
): Promise<Result<SignedDial, DialRefusal>> {
  let refusal: DialRefusal = { reason: "refused" };
  for (const publicKey of publicKeys) {
    const verified = await verifyDial(token, { ...check, publicKey });
    if (verified.ok) return ok({ claims: verified.value, signedBy: publicKey });
    if (verified.error.reason === "clock") refusal = verified.error;
  }
  return err(refusal);
}

function lifetimeOf({ iat, exp }: DialClaims): number {
  return exp - iat;
}

/** jose looks at claims only after the signature was verified. */
function isAboutTime(error: unknown): boolean {
  if (error instanceof errors.JWTExpired) return true;
  if (!(error instanceof errors.JWTClaimValidationFailed)) return false;
  return error.claim === "iat" && error.reason === "check_failed";
}
