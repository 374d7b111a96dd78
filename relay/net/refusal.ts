/** Why the worker refused, in its own words. */
import { refusalSchema, type Refusal } from "#shared/link/enrollment.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import type { PostResponse } from "./post-json.ts";

export function readRefusal(
  { status, body }: PostResponse,
  url: URL,
): Result<Refusal["error"], string> {
  const refused = safeParse(refusalSchema, body);
  return refused.success
    ? ok(refused.data.error)
    : err(`${url.origin} answered ${status} and is no aimdb-remote worker, it seems.`);
}
