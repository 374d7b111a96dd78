/** A change made through the management API, logged before it is made and after. */
import * as z from "zod/mini";
import { canonicalJson, jsonValueSchema } from "#shared/json/json.ts";
import { err, type Result } from "#shared/result.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { MAX_AUDIT_NAME_LENGTH, type ActionEntry } from "../access/audit-entry.ts";
import { hashSecret as sha256 } from "../auth/secret.ts";
import type { HttpError } from "../http/answer/error-response.ts";
import { logEvent } from "../log.ts";
import type { Remote } from "../object-namespace.ts";
import { newCause } from "../relay/calls/call-id.ts";
import type { TeamRpc } from "../team/rpc.ts";

interface Change {
  readonly team: Remote<TeamRpc>;
  readonly principal: string;
  readonly action: string;
  /** Empty for something that is being created. */
  readonly target: string;
  readonly body: unknown;
  readonly nowMs: number;
}

export async function logged<T>(
  change: Change,
  run: () => Promise<Result<T, HttpError>>,
): Promise<Result<T, HttpError>> {
  const { team, principal, action, body, nowMs } = change;
  const about = {
    principal,
    action,
    call_id: newCause(),
    digest: await sha256(canonicalJson(jsonValueSchema.parse(body))),
  };
  const intent = { at_ms: nowMs, ...about, phase: "intent" as const, ...targetOf(change.target) };
  if (!(await isStored(team, intent))) return err(NOT_LOGGED);
  const done = await run();
  const endedAtMs = Date.now();
  await isStored(team, {
    at_ms: endedAtMs,
    ...about,
    phase: "outcome",
    ...targetOf(change.target === "" && done.ok ? madeId(done.value) : change.target),
    outcome: done.ok ? "done" : done.error.code,
    duration_ms: endedAtMs - nowMs,
  });
  return done;
}

/** A request may name any target; a created thing has an id. */
function targetOf(target: string): { readonly target?: string } {
  return target === "" ? {} : { target: target.slice(0, MAX_AUDIT_NAME_LENGTH) };
}

const madeSchema = z.object({ id: z.string() });

function madeId(made: unknown): string {
  return safeParse(madeSchema, made).data?.id ?? "";
}

async function isStored(team: Remote<TeamRpc>, entry: ActionEntry): Promise<boolean> {
  try {
    await team.noteAction(entry);
    return true;
  } catch (error) {
    logEvent("error", "activity_lost", { action: entry.action, reason: String(error) });
    return false;
  }
}

const NOT_LOGGED: HttpError = {
  status: 503,
  code: "audit_unavailable",
  message: "The team's log can't be written, so nothing was changed. Ask again.",
};
