/**
 * A relay's proof of who it is: a JWT signed by the device's own Ed25519 key, newly made for each dial and each
 * enrollment. It travels in `Authorization` only.
 */
import * as z from "zod/mini";

export const SIGNATURE_ALGORITHM = "EdDSA";
export const DIAL_TOKEN_TYPE = "aimdb-relay+jwt";
export const ENROLL_PROOF_TYPE = "aimdb-relay-enroll+jwt";
export const ROTATE_TOKEN_TYPE = "aimdb-relay-rotate+jwt";
export const ROTATE_PROOF_TYPE = "aimdb-relay-rotate-proof+jwt";

/** `exp` is `iat` plus this: long enough for a slow handshake, too short to be worth stealing. */
export const DIAL_TOKEN_LIFETIME_S = 60;

/** How far apart the two clocks may be. Beyond it the answer carries the worker's time. */
export const CLOCK_TOLERANCE_S = 60;

/** An Ed25519 public key (RFC 8037). */
export const publicKeySchema = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
});
export type PublicKey = z.infer<typeof publicKeySchema>;

/** 32 random bytes that the worker gave with a `welcome`, for the next dial to show. Base64url. */
export const continuitySchema = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));

const unixSeconds = z.number().check(z.int(), z.minimum(0));

export const dialClaimsSchema = z.object({
  /** The relay's id, twice: it vouches for itself. */
  iss: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  sub: z.string(),
  /** The installation the relay enrolled with, whatever domain it is reached under. */
  aud: z.string().check(z.maxLength(100)),
  iat: unixSeconds,
  exp: unixSeconds,
  /** 128 random bits; accepted once. */
  jti: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  /** From the last welcome that the device has stored; absent if it has none. */
  cont: z.optional(continuitySchema),
});
export type DialClaims = z.infer<typeof dialClaimsSchema>;

/** Signed by the current key: which key comes next. */
export const rotateClaimsSchema = z.extend(dialClaimsSchema, {
  /** The next public key's `x`. */
  next: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
});

/** Signed by the new key. */
export const rotateProofClaimsSchema = z.object({
  /** SHA-256 of the rotate token, hex: a proof is good with this token only. */
  rotate: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

export const enrollProofClaimsSchema = z.object({
  /** SHA-256 of the join token, hex: a proof is good for this token only. */
  join: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});
