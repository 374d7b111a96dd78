/** May a call be made, and what did it come to. Pure. */
import { failure, type Failure } from "#shared/failure.ts";
import type { Method } from "#shared/link/method.ts";
import type { Reply } from "#shared/link/request.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";
import { allows, type Scope } from "#shared/scope.ts";
import type { PendingEnd } from "./pending.ts";
import type { CallRequest, CallResult } from "./rpc.ts";

export function neededScope(method: Method): Scope {
  return method === "record.set" ? "aimdb:write" : "aimdb:read";
}

/** Decided here again: what the Worker knows of a principal may be older than this object's. */
export function refusalOf(
  { principal, method }: CallRequest,
  team: string | undefined,
): Failure | undefined {
  if (principal.team !== team) return failure("unknown_instance", "There is no such instance.");
  const scope = neededScope(method);
  if (allows(principal.scopes, scope)) return undefined;
  return failure("insufficient_scope", `This token lacks the scope ${scope}.`, {
    required_scope: scope,
  });
}

/** What came back, or what can be said if nothing did. A write that was sent may have happened. */
export function resultOf(method: Method, end: PendingEnd, sessionStartedAtMs: number): CallResult {
  switch (end.type) {
    case "reply":
      return readReply(method, end.reply, sessionStartedAtMs);
    case "deadline":
      return unanswered(
        method,
        "deadline_exceeded",
        "The relay did not answer within the deadline.",
      );
    case "lost":
      return unanswered(method, "link_lost", "The link to the relay broke during the call.");
  }
}

function readReply(method: Method, reply: Reply, sessionStartedAtMs: number): CallResult {
  if (reply.err !== undefined) {
    const { err: code, message = "The relay refused.", details } = reply;
    if (method === "record.set" && code === "internal") return unanswered(method, code, message);
    return { ok: false, failure: failure(code, message, details) };
  }
  return { ok: true, value: reply.ok, sessionStartedAtMs };
}

function unanswered(
  method: Method,
  code: "deadline_exceeded" | "link_lost" | "internal",
  message: string,
): CallResult {
  if (method !== "record.set") return { ok: false, failure: failure(code, message) };
  return { ok: true, value: unknownWrite(code, message), sessionStartedAtMs: 0 };
}
