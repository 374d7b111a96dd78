/** Keys derived from the installation's root secret, a current and a previous one for each purpose. */
import { directoryOf } from "../directory/stub.ts";
import type { Env } from "../env.ts";

/** The only two: anything of lasting meaning has a secret of its own, stored as a hash. */
export type KeyPurpose = "request-state/1" | "consent-remember/1";

export interface DerivedKeys {
  /** 32 bytes. Signs; both verify. */
  readonly current: Uint8Array;
  readonly previous: Uint8Array | undefined;
}

/** An isolate notices a change this late at most; the previous key verifies for a month. */
const KEPT_MS = 10 * 60_000;
const KEY_BITS = 256;

const kept = new Map<KeyPurpose, { readonly sinceMs: number; readonly keys: DerivedKeys }>();

export async function derivedKeys(
  env: Pick<Env, "DIRECTORY">,
  purpose: KeyPurpose,
): Promise<DerivedKeys> {
  const nowMs = Date.now();
  const known = kept.get(purpose);
  if (known !== undefined && nowMs - known.sinceMs < KEPT_MS) return known.keys;
  const { current, previous } = await directoryOf(env).rootSecrets(nowMs);
  const keys = {
    current: await derive(current, purpose),
    previous: previous === null ? undefined : await derive(previous, purpose),
  };
  kept.set(purpose, { sinceMs: nowMs, keys });
  return keys;
}

/** HKDF-SHA-256 (RFC 5869). The root is random, so it needs no salt. */
async function derive(root: string, purpose: KeyPurpose): Promise<Uint8Array> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(root), "HKDF", false, [
    "deriveBits",
  ]);
  const bits = await crypto.subtle.deriveBits(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(purpose) },
    key,
    KEY_BITS,
  );
  return new Uint8Array(bits);
}
