/** What a client's request leaves in its team's log. */
import { failure, type ErrorCode, type Failure } from "#shared/failure.ts";
import type { ClientCall, OnCall } from "#shared/mcp/serving/client-call.ts";
import { toErrorResult } from "#shared/mcp/answers/tool-result.ts";
import { utf8Length } from "#shared/json/utf8-length.ts";
import type { Principal } from "../auth/principal.ts";
import type { Env } from "../env.ts";
import type { EventsAsked } from "../events/event-query.ts";
import { spansOf } from "../trace/isolate-spans.ts";
import { noteToolSpan } from "../trace/tool-span.ts";
import { bytesPerDay } from "../team/metrics/daily-use.ts";
import { newCause } from "../relay/calls/call-id.ts";
import { askedCalls } from "./asked-call.ts";
import { toolLog } from "./own-tool-log.ts";
import { endedCall, type EndedCall } from "./tool-entry.ts";

interface Noted {
  readonly principal: Principal;
  readonly calls: { readonly askedInstances: readonly string[] };
}

/** The clock of a Worker stands still while it computes, but not while it waits. */
export function callNoter(env: Env, { principal, calls }: Noted): OnCall {
  const startedAtMs = Date.now();
  return (call) => {
    const endedAtMs = Date.now();
    const times = { endedAtMs, durationMs: endedAtMs - startedAtMs };
    const ended = measured(env, call, endedCall(call, principal, times, calls.askedInstances));
    noteToolSpan(spansOf(env), principal, { ...ended, startedAtMs });
    // A change needs no wait: its own entries were stored before it was made.
    if (call.scope === "aimdb:read") return noteRead(principal, ended);
    toolLog().note(ended);
    return undefined;
  };
}

/** Serializing the answer a second time is only for installations that count its bytes. */
function measured(env: Env, { result }: ClientCall, ended: EndedCall): EndedCall {
  if (bytesPerDay(env) === 0) return ended;
  return { ...ended, entry: { ...ended.entry, bytes: utf8Length(JSON.stringify(result)) } };
}

/**
 * Under `strict` the answer waits for its line to be stored; if that fails, the failure is answered instead.
 */
function noteRead(
  { auditReads }: Principal,
  ended: EndedCall,
): Promise<Failure | undefined> | undefined {
  if (auditReads === "strict") return storeFirst(ended);
  toolLog().note(ended);
  return undefined;
}

async function storeFirst(ended: EndedCall): Promise<Failure | undefined> {
  return (await toolLog().storeNow(ended)) ? undefined : NOT_STORED;
}

const NOT_STORED = failure(
  "audit_unavailable",
  "The team's log can't be written just now, and the team requires every read to be logged. Try again.",
  { retry_after_s: 1 },
);

/** Once per stream, before it begins. */
export function noteOpenedEvents(
  principal: Principal,
  { records, presence }: EventsAsked,
): Promise<Failure | undefined> | undefined {
  const input = {
    records: records.map(({ instance, record }) => `${instance}/${record}`),
    presence,
  };
  const [only] = records.length === 1 ? records : [];
  const times = { endedAtMs: Date.now(), durationMs: 0 };
  const instances = [...new Set(records.map(({ instance }) => instance))];
  const call = { action: "events.open", input, record: only?.record, result: { contents: [] } };
  return noteRead(principal, endedCall(call, principal, times, instances));
}

/** Refused before any of it was executed. */
export function noteRefusal(
  principal: Principal,
  { body, code }: { readonly body: unknown; readonly code: ErrorCode },
): void {
  const result = toErrorResult(failure(code, "Refused."));
  const times = { endedAtMs: Date.now(), durationMs: 0 };
  const asking = { ...principal, cause: newCause() };
  for (const call of askedCalls(body))
    toolLog().note(endedCall({ ...call, result }, asking, times));
}
