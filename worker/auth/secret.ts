/**
 * Bearer secrets: 256 random bits, shown once, stored as SHA-256. The text contains the id of its team or
 * account, so that the object that knows it is found without a lookup by content.
 */
import { crc32 } from "./crc32.ts";

const SECRET_BYTES = 32;

/**
 * `aimdb_join_<team>_<secret>` lets one relay enroll, `aimdb_invite_<team>_<secret>` one person,
 * `aimdb_pat_<team>_<secret><crc>` calls tools.
 */
export type SecretKind = "join" | "invite" | "pat";

/** `aimdb_password_<account>_<secret>` lets the account's person choose a new password. */
export function createSecret(kind: SecretKind | "password", objectId: string): string {
  const text = `aimdb_${kind}_${objectId}_${randomSecret()}`;
  return kind === "pat" ? text + checksum(text) : text;
}

/** 43 characters. */
export function randomSecret(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
}

const PLAIN = {
  join: /^aimdb_join_([0-9a-f]{64})_[A-Za-z0-9_-]{43}$/,
  invite: /^aimdb_invite_([0-9a-f]{64})_[A-Za-z0-9_-]{43}$/,
};
const PAT = /^(aimdb_pat_([0-9a-f]{64})_[A-Za-z0-9_-]{43})([0-9a-f]{8})$/;

/** The team that a secret claims to belong to; undefined for anything that can't be one of ours. */
export function teamIdOf(kind: SecretKind, secret: string): string | undefined {
  if (kind !== "pat") return PLAIN[kind].exec(secret)?.[1];
  const [, text, teamId, sum] = PAT.exec(secret) ?? [];
  return text !== undefined && checksum(text) === sum ? teamId : undefined;
}

const PASSWORD = /^aimdb_password_([0-9a-f]{64})_[A-Za-z0-9_-]{43}$/;

/** The account that a password link claims to belong to. */
export function accountIdOf(secret: string): string | undefined {
  return PASSWORD.exec(secret)?.[1];
}

export async function hashSecret(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return toHex(new Uint8Array(digest));
}

/** Takes the same time wherever they differ. Both are hashes, so their length is no secret. */
export function equalHashes(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

export function randomHex(bytes: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** Lets secret scanners tell a token from a mistyped one. */
function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}

/** By byte: every call makes an id and a hash. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
