/** Tokens that an operator sets, compared by their hashes in constant time. */
import { equalHashes, hashSecret } from "./secret.ts";

/** A shorter one could be guessed and is treated as none. */
const MIN_LENGTH = 32;

export interface OperatorToken {
  readonly token?: string | undefined;
  /** Alternatively its SHA-256 in hex, so that the secret is not stored. */
  readonly sha256?: string | undefined;
}

export async function isToken(
  shown: string | undefined,
  { token = "", sha256 = "" }: OperatorToken,
): Promise<boolean> {
  if (shown === undefined) return false;
  const isHash = /^[0-9a-f]{64}$/.test(sha256);
  if (!isHash && token.length < MIN_LENGTH) return false;
  const expected = isHash ? sha256 : await hashSecret(token);
  return equalHashes(await hashSecret(shown), expected);
}
