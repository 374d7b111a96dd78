/** A write as it goes over the link, and what its reply means. Pure. */
import { failure } from "#shared/failure.ts";
import type { EndedOutcome } from "#shared/link/methods/record-set.ts";
import type { FieldLimits } from "#shared/access/write-rule.ts";
import type { JsonValue } from "#shared/json/json.ts";
import { MAX_DEADLINE_MS } from "#shared/link/limits.ts";
import { METHODS, type Params } from "#shared/link/method.ts";
import type { Approval } from "#shared/link/methods/record-set.ts";
import type { Reply, Request } from "#shared/link/request.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";
import { notWritten } from "#shared/fleet/write-outcome.ts";
import { toEnded } from "./write-rows.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

/** Of a write's time: for the answer's way back. The relay does not begin it in these. */
const ANSWER_MS = 5_000;

/** A device may say any number, and not every one makes a time. Longer than any device waits for its operator. */
const MAX_LOCAL_WAIT_MS = 86_400_000;

export interface WriteFrame {
  readonly id: string;
  readonly principal: string;
  readonly askedAtMs: number;
  readonly instance: string;
  readonly record: string;
  readonly value: JsonValue;
  readonly expected?: JsonValue | undefined;
  readonly skipsValidation: boolean;
  readonly isDryRun: boolean;
  readonly approval: Approval | undefined;
  readonly limits: readonly FieldLimits[];
}

/** The session clock runs ahead at the relay: the write may expire early, never late. */
export function toSetRequest(
  write: WriteFrame,
  nowMs: number,
  sessionStartedAtMs: number,
): Request {
  const { id, principal, instance, record, value, expected, approval, limits } = write;
  const leftMs = timeLeftMs(write, nowMs);
  const params: Params<"record.set"> = {
    record,
    value,
    not_after_ms: nowMs - sessionStartedAtMs + leftMs - ANSWER_MS,
    ...(approval === undefined ? {} : { approval }),
    ...(expected === undefined ? {} : { expected }),
    ...(write.isDryRun ? { dry_run: true } : {}),
    ...(write.skipsValidation ? { skip_validation: true } : {}),
    ...(limits.length > 0 ? { limits: [...limits] } : {}),
  };
  return {
    t: "req",
    id,
    instance,
    principal,
    deadline_ms: leftMs,
    method: "record.set",
    params: { ...params, limits: params.limits?.map((fields) => ({ ...fields })) },
  };
}

/** A clock that was set makes it no longer than any, and it is never over before the relay could say so. */
export function timeLeftMs({ askedAtMs }: Pick<WriteFrame, "askedAtMs">, nowMs: number): number {
  return Math.min(MAX_DEADLINE_MS, Math.max(1, askedAtMs + MAX_DEADLINE_MS - nowMs));
}

export type ReplyMeaning =
  | { readonly type: "ended"; readonly outcome: EndedOutcome }
  | {
      readonly type: "checked";
      readonly record: string;
      readonly current: JsonValue | undefined;
      readonly warnings: readonly string[];
    }
  | { readonly type: "awaiting_local"; readonly record: string; readonly expiresInMs: number };

/** An answer that can't be read says nothing about what was done. */
export function meaningOf(reply: Reply): ReplyMeaning {
  if (reply.err !== undefined) {
    const { err: code, message = "The relay refused.", details } = reply;
    const reason = failure(code, message, details);
    return {
      type: "ended",
      outcome: code === "internal" ? unknownWrite(code, message) : notWritten(reason),
    };
  }
  const ended = toEnded(reply.ok);
  if (ended !== undefined) return { type: "ended", outcome: ended };
  const { data } = safeParse(METHODS["record.set"].result, reply.ok);
  if (data?.outcome === "checked") {
    const { record_key, current, warnings = [] } = data;
    return { type: "checked", record: record_key, current, warnings };
  }
  if (data?.outcome === "awaiting_local") {
    const { record_key, expires_in_ms = 0 } = data;
    const expiresInMs = Math.min(Math.max(0, expires_in_ms), MAX_LOCAL_WAIT_MS);
    return { type: "awaiting_local", record: record_key, expiresInMs };
  }
  return {
    type: "ended",
    outcome: unknownWrite("internal", "The relay answered in a form this worker does not know."),
  };
}
