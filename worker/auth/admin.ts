/** The operator's own tokens. Neither opens `/mcp`. */
import type { Env } from "../env.ts";
import { isToken } from "./operator-token.ts";

/** It opens `/api/v1`. */
export function isAdmin(token: string | undefined, env: Env): Promise<boolean> {
  return isToken(token, { token: env.ADMIN_TOKEN, sha256: env.ADMIN_TOKEN_SHA256 });
}

/** `/metrics` and `/ready` are all that a scraper may ask; who administers may too. */
export async function mayScrape(token: string | undefined, env: Env): Promise<boolean> {
  const scraper = { token: env.METRICS_TOKEN, sha256: env.METRICS_TOKEN_SHA256 };
  return (await isToken(token, scraper)) || (await isAdmin(token, env));
}
