/** The operator's own tokens. Neither gives access to `/mcp`. */
import type { Env } from "../env.ts";
import { isToken } from "./operator-token.ts";

/** Gives access to `/api/v1`. */
export function isAdmin(token: string | undefined, env: Env): Promise<boolean> {
  return isToken(token, { token: env.ADMIN_TOKEN, sha256: env.ADMIN_TOKEN_SHA256 });
}

/** A scraper may read only `/metrics` and `/ready`; the admin token may too. */
export async function mayScrape(token: string | undefined, env: Env): Promise<boolean> {
  const scraper = { token: env.METRICS_TOKEN, sha256: env.METRICS_TOKEN_SHA256 };
  return (await isToken(token, scraper)) || (await isAdmin(token, env));
}
