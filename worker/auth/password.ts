/**
 * Passwords, stored as scrypt hashes with their parameters: `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`. A hash
 * blocks the thread (some 90 ms), so they run one at a time, and only a few may wait.
 */
import { scryptSync } from "node:crypto";
import { err, ok, type Result } from "#shared/result.ts";
import { equalHashes, toBase64Url } from "./secret.ts";

export const MIN_PASSWORD_LENGTH = 12;
/** Longer than any sentence; more would be an attack on the hash. */
export const MAX_PASSWORD_LENGTH = 256;

const LOG2_N = 15;
const R = 8;
const P = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** scrypt takes 128·N·r bytes, which is exactly Node's default limit. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
const MAX_WAITING = 8;
const MAX_WAIT_MS = 10_000;

const STORED =
  /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

/** The hash of no password, so that an account that does not exist takes as long as one that does. */
const DUMMY = `scrypt$${LOG2_N}$${R}$${P}$${"A".repeat(22)}$${"A".repeat(43)}`;

/** "busy": as many are waiting already as may. */
export async function hashPassword(password: string): Promise<Result<string, "busy">> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const parameters = { log2N: LOG2_N, r: R, p: P, salt };
  const hash = await inTurn(() => derive(password, parameters));
  return hash.ok ? ok(`scrypt$${LOG2_N}$${R}$${P}$${toBase64Url(salt)}$${hash.value}`) : hash;
}

export interface PasswordCheck {
  readonly matches: boolean;
  /** The parameters have been raised since: hash it again while the password is at hand. */
  readonly isOutdated: boolean;
}

/** `stored` is null if there is nothing to match; the check takes as long. */
export async function checkPassword(
  password: string,
  stored: string | null,
): Promise<Result<PasswordCheck, "busy">> {
  const [, log2N, r, p, salt, expected] = STORED.exec(stored ?? DUMMY) ?? [];
  if (salt === undefined || expected === undefined) throw new Error("The password hash is damaged");
  const parameters = {
    log2N: Number(log2N),
    r: Number(r),
    p: Number(p),
    salt: fromBase64Url(salt),
  };
  const hash = await inTurn(() => derive(password, parameters));
  if (!hash.ok) return hash;
  const matches = equalHashes(hash.value, expected) && stored !== null;
  const isOutdated = parameters.log2N < LOG2_N || parameters.r < R || parameters.p < P;
  return ok({ matches, isOutdated });
}

interface Parameters {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Uint8Array;
}

/** Unicode has several spellings of one text, and keyboards differ in which one they send. */
function derive(password: string, { log2N, r, p, salt }: Parameters): string {
  const options = { N: 2 ** log2N, r, p, maxmem: MAX_MEMORY_BYTES };
  return toBase64Url(scryptSync(password.normalize("NFKC"), salt, HASH_BYTES, options));
}

/** When each hash that is not done yet was asked for. One whose request was cut off never removes itself. */
const underWay = new Set<{ readonly sinceMs: number }>();

/** The hash blocks the thread, so only one runs at a time anyway; this bounds how many wait. */
async function inTurn(run: () => string): Promise<Result<string, "busy">> {
  const own = { sinceMs: Date.now() };
  for (const other of underWay) {
    if (own.sinceMs - other.sinceMs > MAX_WAIT_MS) underWay.delete(other);
  }
  if (underWay.size > MAX_WAITING) return err("busy");
  underWay.add(own);
  try {
    // Lets requests that came at the same time in, so that they are counted.
    await scheduler.wait(0);
    return ok(run());
  } finally {
    underWay.delete(own);
  }
}

function fromBase64Url(text: string): Uint8Array {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
