/** Why the worker refused, in its own words. */
import { refusalSchema, type Refusal } from "#shared/link/enrollment.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { NeedsOperator } from "../needs-operator.ts";
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

/** Refusals in the worker's words that end by themselves: the relay is suspended, or much was asked. */
const PASSING: ReadonlySet<number> = new Set([423, 429]);

/** Throws if asking again changes nothing. */
export function refusedWith(status: number, message: string): Result<never, string> {
  if (status >= 400 && status < 500 && !PASSING.has(status)) throw new NeedsOperator(message);
  return err(message);
}
