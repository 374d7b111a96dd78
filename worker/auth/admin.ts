/** The operator's own token. It opens `/api/v1` and never `/mcp`. */
import type { Env } from "../env.ts";
import { equalHashes, hashSecret } from "./secret.ts";

const MIN_ADMIN_TOKEN_LENGTH = 32;

export async function isAdmin(token: string | undefined, env: Env): Promise<boolean> {
  const expected = await adminTokenHash(env);
  return (
    token !== undefined && expected !== undefined && equalHashes(await hashSecret(token), expected)
  );
}

/** A short token is as good as none: it could be guessed. */
async function adminTokenHash({
  ADMIN_TOKEN = "",
  ADMIN_TOKEN_SHA256 = "",
}: Env): Promise<string | undefined> {
  if (/^[0-9a-f]{64}$/.test(ADMIN_TOKEN_SHA256)) return ADMIN_TOKEN_SHA256;
  return ADMIN_TOKEN.length >= MIN_ADMIN_TOKEN_LENGTH ? hashSecret(ADMIN_TOKEN) : undefined;
}
