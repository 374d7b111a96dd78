/** Tokens that an operator sets: compared by their hashes, in constant time. */
import { equalHashes, hashSecret } from "./secret.ts";

/** A short one is as good as none: it could be guessed. */
const MIN_LENGTH = 32;

export interface OperatorToken {
  readonly token?: string | undefined;
  /** Or its SHA-256 in hex, so that the secret is not kept. */
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
