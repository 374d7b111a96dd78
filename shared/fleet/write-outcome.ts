/** A write that did not happen, as an outcome. */
import type { EndedOutcome } from "../link/methods/record-set.ts";
import type { ErrorCode, Failure } from "../failure.ts";

/** What a rule refused, wherever it stands; everything else that was not sent is `not_applied`. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "insufficient_scope",
  "refused_by_device",
  "refused_by_host",
  "refused_by_team",
  "confirmation_required",
  "too_many_pending",
  "rate_limited",
  "conflict",
]);

export function notWritten(reason: Failure): EndedOutcome {
  return { outcome: REFUSALS.has(reason.code) ? "refused" : "not_applied", ...reason };
}
