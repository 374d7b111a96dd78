/** The signed proofs of a relay: who dials, and who enrolls. */
import { createHash, randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import {
  DIAL_TOKEN_LIFETIME_S,
  DIAL_TOKEN_TYPE,
  ENROLL_PROOF_TYPE,
  SIGNATURE_ALGORITHM,
} from "#shared/link/dial-token.ts";
import type { Identity } from "./identity.ts";
import type { RelayKey } from "./key.ts";

/** `nowMs` is Unix time as the worker has it, as far as the relay knows. */
export function createDialToken(
  { relay_id, installation }: Identity,
  key: RelayKey,
  nowMs: number,
): Promise<string> {
  const issuedAt = Math.floor(nowMs / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: SIGNATURE_ALGORITHM, typ: DIAL_TOKEN_TYPE })
    .setIssuer(relay_id)
    .setSubject(relay_id)
    .setAudience(installation)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + DIAL_TOKEN_LIFETIME_S)
    .setJti(randomBytes(16).toString("hex"))
    .sign(key.sign);
}

export function createEnrollProof(joinToken: string, key: RelayKey): Promise<string> {
  return new SignJWT({ join: createHash("sha256").update(joinToken).digest("hex") })
    .setProtectedHeader({ alg: SIGNATURE_ALGORITHM, typ: ENROLL_PROOF_TYPE })
    .sign(key.sign);
}
