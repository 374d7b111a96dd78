/** Whether a call may be made, and what its result is. Writes are decided by the write desk. Pure. */
import { CANCELLED } from "#shared/fleet/cancelled.ts";
import { failure, type ErrorCode, type Failure } from "#shared/failure.ts";
import { UNKNOWN_INSTANCE } from "#shared/fleet/unknown.ts";
import { EFFECTS, type CallMethod } from "#shared/link/method.ts";
import type { Reply } from "#shared/link/request.ts";
import { allows, type Scope } from "#shared/access/scope.ts";
import type { PendingEnd } from "../link/pending.ts";
import type { CallRequest, CallResult, Failed } from "../rpc.ts";

export function neededScope(method: CallMethod): Scope {
  return EFFECTS[method] === "write" ? "aimdb:write" : "aimdb:read";
}

/** Decided again here: what the Worker knows of a principal may be older than what this object knows. */
export function refusalOf(
  { principal, method }: CallRequest,
  team: string | undefined,
): Failure | undefined {
  if (principal.team !== team) return UNKNOWN_INSTANCE;
  const scope = neededScope(method);
  if (allows(principal.scopes, scope)) return undefined;
  return failure("insufficient_scope", `This token lacks the scope ${scope}.`, {
    required_scope: scope,
  });
}

/** The answer, or what can be said without one. */
export function resultOf(end: PendingEnd, sessionStartedAtMs: number): CallResult {
  switch (end.type) {
    case "reply":
      return readReply(end.reply, sessionStartedAtMs);
    case "deadline":
      return failed("deadline_exceeded", "The relay did not answer within the deadline.");
    case "lost":
      return LINK_LOST;
    case "outdated":
      return OUTDATED_MEANWHILE;
    case "cancelled":
      return CANCELLED_CALL;
  }
}

/** If the call only read, the caller may repeat it. */
export const LINK_LOST: CallResult = failed(
  "link_lost",
  "The link to the relay broke during the call.",
);

export const CANCELLED_CALL: CallResult = { ok: false, failure: CANCELLED };

/** To a caller that does not look at `outdated`, a refusal like any other. */
export const OUTDATED_RIGHTS: Failed = {
  ok: false,
  outdated: "rights",
  failure: failure("unauthenticated", "What this call may do has changed. Nothing was done."),
};

/** The same, found out after the device was asked. */
export const OUTDATED_MEANWHILE: Failed = {
  ...OUTDATED_RIGHTS,
  failure: { ...OUTDATED_RIGHTS.failure },
  wasAsked: true,
};

export const OUTDATED_RELAY: Failed = {
  ok: false,
  outdated: "relay",
  failure: UNKNOWN_INSTANCE,
};

/**
 * Who may call is not a relay's to say (PROTOCOL.md R-21): such a word would end streams that follow other relays
 * too, or have a person give a client more rights.
 */
const ABOUT_RIGHTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "unauthenticated",
  "insufficient_scope",
]);

function readReply(reply: Reply, sessionStartedAtMs: number): CallResult {
  if (reply.err === undefined) return { ok: true, value: reply.ok, sessionStartedAtMs };
  const { err: code, message = "The relay refused.", details } = reply;
  if (ABOUT_RIGHTS.has(code))
    return failed("internal", "The relay answered with what is not its to say.");
  return { ok: false, failure: failure(code, message, details) };
}

function failed(code: ErrorCode, message: string): CallResult {
  return { ok: false, failure: failure(code, message) };
}
