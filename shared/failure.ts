/**
 * Why a call did not give what was asked. One closed list from the device to the caller; how a code
 * looks on a wire is decided once per wire (shared/link/request.ts, shared/mcp/answers/tool-result.ts,
 * worker/http/answer/error-response.ts). Metrics and scripts read the codes: don't rename them.
 */
import * as z from "zod/mini";

export const errorCodeSchema = z.enum([
  /** The arguments are not what the tool takes. */
  "invalid_input",
  /** No token, or not one of ours. */
  "unauthenticated",
  /** The token does not carry the scope. */
  "insufficient_scope",
  /** The team has no relay, or no relay has an instance. */
  "no_instances",
  "unknown_instance",
  /** Exactly one instance is needed and several fit. */
  "ambiguous_instance",
  "unknown_record",
  /** The record exists and holds nothing yet. */
  "no_value",
  /** The host built the record without remote access. */
  "no_remote_access",
  /** The record's buffer does not allow it: mailboxes are never read by subscription. */
  "not_observable",
  /** The device's own file does not allow it. */
  "refused_by_device",
  /** The host's own policy does not allow it. */
  "refused_by_host",
  /** The team's write policy does not allow it. */
  "refused_by_team",
  /** The write needs an approval that it does not carry. */
  "confirmation_required",
  /** More writes wait for a person than one should be asked about. */
  "too_many_pending",
  /** The host says that the value does not fit the record's type. */
  "invalid_value",
  /** The host's release or build lacks the operation. */
  "unsupported",
  "unknown_subscription",
  /** No write has this call id, or none that the caller may see. */
  "unknown_call",
  /** The idempotency key was used for another write. */
  "idempotency_conflict",
  "too_many_subscriptions",
  "rate_limited",
  /** The team has used up its calls of the day. */
  "team_limit",
  /** Too much is under way; nothing was done. */
  "busy",
  /** The relay has no link to the worker. */
  "relay_offline",
  /** The link broke while the relay worked on the call. */
  "link_lost",
  /** The relay can't reach the AimDB process. */
  "instance_down",
  /** The AimDB process took the request and did not answer in time. */
  "instance_slow",
  /** The call's own deadline passed before an answer came back. */
  "deadline_exceeded",
  /** The caller went away before there was an answer; only logs and metrics see this code. */
  "cancelled",
  /** It came too late to begin. */
  "expired",
  /** The device can't keep its journal of writes, so it does not write. */
  "journal_unavailable",
  /** What the team allows can't be read, so nothing was asked or written. */
  "policy_unavailable",
  /** The team's log can't be written, so nothing that it must record is done. */
  "audit_unavailable",
  "too_large",
  "conflict",
  "not_found",
  "internal",
]);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/** What helps with the next step; a field that says nothing is absent. */
export const failureDetailsSchema = z.object({
  /** The closest existing names, best first. */
  nearest: z.optional(z.array(z.string())),
  /** Instances that fit. */
  candidates: z.optional(z.array(z.string())),
  /** ISO-8601. */
  offline_since: z.optional(z.string()),
  retry_after_s: z.optional(z.number()),
  required_scope: z.optional(z.string()),
});
export type FailureDetails = z.infer<typeof failureDetailsSchema>;

export interface Failure {
  readonly code: ErrorCode;
  /** For a person: what happened and what to do. Never a path, token, address or record value. */
  readonly message: string;
  readonly details?: FailureDetails | undefined;
}

/** For code whose answer type has no place for a failure. */
export class FailureError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Longer messages are cut: a host's own words may be in one, and the link bounds its texts. */
export const MAX_MESSAGE_LENGTH = 1_000;

export function failure(code: ErrorCode, text: string, details?: FailureDetails): Failure {
  const message =
    text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH - 1)}…`;
  return details === undefined ? { code, message } : { code, message, details };
}
