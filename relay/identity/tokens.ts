/** The signed proofs of a relay: who dials, who enrolls, and whose key comes next. */
import { createHash, randomBytes } from "node:crypto";
import { SignJWT, type JWTPayload } from "jose";
import {
  DIAL_TOKEN_LIFETIME_S,
  DIAL_TOKEN_TYPE,
  ENROLL_PROOF_TYPE,
  ROTATE_PROOF_TYPE,
  ROTATE_TOKEN_TYPE,
  SIGNATURE_ALGORITHM,
} from "#shared/link/dial-token.ts";
import type { Identity } from "./identity.ts";
import type { RelayKey } from "./key.ts";

/**
 * `nowMs` is Unix time as the worker has it, as far as the relay knows. `cont` is what the last welcome gave; undefined
 * if none is stored.
 */
export function createDialToken(
  identity: Identity,
  key: RelayKey,
  { nowMs, cont }: { readonly nowMs: number; readonly cont: string | undefined },
): Promise<string> {
  const claims = cont === undefined ? {} : { cont };
  return signAsRelay(identity, key, nowMs, { typ: DIAL_TOKEN_TYPE, claims });
}

/** Signed by the current key; it names the next one. */
export function createRotateToken(
  identity: Identity,
  keys: { readonly current: RelayKey; readonly next: RelayKey },
  nowMs: number,
): Promise<string> {
  const claims = { next: keys.next.publicKey.x };
  return signAsRelay(identity, keys.current, nowMs, { typ: ROTATE_TOKEN_TYPE, claims });
}

export function createRotateProof(rotateToken: string, next: RelayKey): Promise<string> {
  return new SignJWT({ rotate: sha256(rotateToken) })
    .setProtectedHeader({ alg: SIGNATURE_ALGORITHM, typ: ROTATE_PROOF_TYPE })
    .sign(next.sign);
}

function signAsRelay(
  { relay_id, installation }: Identity,
  key: RelayKey,
  nowMs: number,
  { typ, claims }: { typ: string; claims: JWTPayload },
): Promise<string> {
  const issuedAt = Math.floor(nowMs / 1000);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: SIGNATURE_ALGORITHM, typ })
    .setIssuer(relay_id)
    .setSubject(relay_id)
    .setAudience(installation)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + DIAL_TOKEN_LIFETIME_S)
    .setJti(randomBytes(16).toString("hex"))
    .sign(key.sign);
}

export function createEnrollProof(joinToken: string, key: RelayKey): Promise<string> {
  return new SignJWT({ join: sha256(joinToken) })
    .setProtectedHeader({ alg: SIGNATURE_ALGORITHM, typ: ENROLL_PROOF_TYPE })
    .sign(key.sign);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
