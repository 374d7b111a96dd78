/**
 * Resets of an instance's counters, decided and logged in the same order as writes: decide, the team's log, decide
 * again, the frame. There is no value to confirm, to compare or to look up later, so there is no row either.
 */
import type { ErrorCode, Failure } from "#shared/failure.ts";
import { canonicalJson, jsonValueSchema } from "#shared/json/json.ts";
import { notWritten } from "#shared/fleet/write-outcome.ts";
import { MAX_AUDIT_VALUE_LENGTH, type WriteEntry } from "../../access/audit-entry.ts";
import { hashSecret as sha256 } from "../../auth/secret.ts";
import type { WriteRights } from "../../team/rpc.ts";
import { resultOf } from "../calls/call.ts";
import type { CallRequest, CallResult } from "../rpc.ts";
import type { AuditOutbox } from "./audit-outbox.ts";
import { askerOf } from "./write-asks.ts";
import type { WriteAuthority } from "./write-authority.ts";
import { WriteJudge, type JudgeParts } from "./write-judge.ts";
import type { WriteRates } from "./write-rates.ts";
import { outerCallId } from "./write-report.ts";

export interface ResetDeskParts extends JudgeParts {
  readonly outbox: AuditOutbox;
  readonly authority: WriteAuthority;
  readonly rates: WriteRates;
  /** Called when an entry is in the outbox. */
  readonly onOutcome: () => void;
}

type Begun = CallRequest & { readonly endsAtMs: number };

type Head = Omit<WriteEntry, "at_ms" | "phase">;

export class ResetDesk {
  readonly #parts: ResetDeskParts;
  readonly #judge: WriteJudge;

  constructor(parts: ResetDeskParts) {
    this.#parts = parts;
    this.#judge = new WriteJudge(parts);
  }

  async reset(request: CallRequest): Promise<CallResult> {
    const startedAtMs = this.#parts.nowMs();
    const args = canonicalJson(jsonValueSchema.parse(request.params));
    const head = await this.#headOf(request, args);
    const endsAtMs = startedAtMs + request.deadlineMs;
    const result =
      (await this.#refusalOf(request)) ?? (await this.#begin({ ...request, endsAtMs }, head, args));
    this.#log(head, result, startedAtMs);
    return result;
  }

  async #headOf({ id, principal, instance }: CallRequest, args: string): Promise<Head> {
    const { place } = this.#parts;
    return {
      principal: principal.id,
      action: "diagnostics.reset",
      instance: `${place.relayName}/${instance}`,
      call_id: outerCallId(place, id),
      digest: await sha256(`${instance} ${args}`),
    };
  }

  async #refusalOf(request: CallRequest): Promise<CallResult | undefined> {
    const { authority, rates } = this.#parts;
    const { id, principal, instance, deadlineMs } = request;
    await this.#judge.comesBack(deadlineMs);
    const rights = await authority.rights(askerOf(principal), id);
    if (!rights.ok) return refused(rights.error);
    const rule = this.#judge.permitAll(rights.value, request);
    if (!rule.ok) return refused(rule.error);
    const ready = this.#judge.ready();
    if (!ready.ok) return refused(ready.error);
    const { maxPerMinute } = rule.value;
    const rated = { principal: principal.id, instance, record: EVERY_RECORD, maxPerMinute };
    const taken = rates.take(rated, rights.value.policy);
    return taken.ok ? undefined : refused(taken.error);
  }

  async #begin(request: Begun, head: Head, args: string): Promise<CallResult> {
    const { authority, nowMs } = this.#parts;
    const value = args.slice(0, MAX_AUDIT_VALUE_LENGTH);
    const intent: WriteEntry = { at_ms: nowMs(), ...head, phase: "intent", value };
    const begun = await authority.begin({ intent, asker: askerOf(request.principal) });
    return begun.ok ? this.#send(request, begun.value) : refused(begun.error);
  }

  async #send(request: Begun, rights: WriteRights): Promise<CallResult> {
    const rule = this.#judge.permitAll(rights, request);
    if (!rule.ok) return refused(rule.error);
    const ready = this.#judge.ready();
    if (!ready.ok) return refused(ready.error);
    const { id, instance, principal, method, params, endsAtMs } = request;
    const deadline_ms = Math.max(1, endsAtMs - this.#parts.nowMs());
    const head = { t: "req", id, instance, principal: principal.id, deadline_ms, method } as const;
    const end = await this.#parts.link.ask({ ...head, params: jsonValueSchema.parse(params) });
    return resultOf(end, ready.value.startedAtMs);
  }

  #log(head: Head, result: CallResult, startedAtMs: number): void {
    const { outbox, nowMs, onOutcome } = this.#parts;
    const at_ms = nowMs();
    const times = { at_ms, duration_ms: at_ms - startedAtMs };
    outbox.put({ ...head, ...times, phase: "outcome", ...outcomeOf(result) });
    onOutcome();
  }
}

/** The name under which its rate is counted, as a rule for all records writes it. */
const EVERY_RECORD = "*";

/** With these, nothing is known of a reset that was sent and has no answer. */
const UNPROVEN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "deadline_exceeded",
  "link_lost",
  "instance_slow",
  "instance_down",
  "internal",
]);

function outcomeOf(result: CallResult): Pick<WriteEntry, "outcome" | "code"> {
  if (result.ok) return { outcome: "applied" };
  const { code } = result.failure;
  return { outcome: UNPROVEN.has(code) ? "unknown" : notWritten(result.failure).outcome, code };
}

function refused(reason: Failure): CallResult {
  return { ok: false, failure: reason };
}
