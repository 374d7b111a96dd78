/**
 * From a request to its reply: the relay's bounds, the device's rate limit and log, and an answer
 * before the deadline whatever the instance does.
 */
import { CANCELLED } from "#shared/fleet/cancelled.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { UNKNOWN_INSTANCE } from "#shared/fleet/unknown.ts";
import { REQUEST_TIMEOUT_MS } from "#shared/aimx/limits.ts";
import { isJsonObject, type JsonValue } from "#shared/json/json.ts";
import { MAX_IN_FLIGHT, MAX_RESULT_BYTES } from "#shared/link/limits.ts";
import { EFFECTS, type Method, type MethodResult } from "#shared/link/method.ts";
import type { RememberedWrite } from "#shared/link/outcomes.ts";
import type { Reply, Request } from "#shared/link/request.ts";
import { err, type Result } from "#shared/result.ts";
import { MAX_VALUE_LENGTH, type AuditEntry } from "../access/audit-log.ts";
import type { AuditTrail } from "../access/audit-trail.ts";
import type { RateLimit } from "#shared/access/rate-limit.ts";
import type { Clock } from "../clock.ts";
import type { RelayCounts } from "../control/relay-counts.ts";
import type { Instance } from "../instances/instance.ts";
import type { Log } from "../log.ts";
import type { ServedSpans } from "../trace/served-spans.ts";
import { waitUntil } from "../wait-until.ts";
import type { DeviceWrites } from "../writes/device-writes.ts";
import { answer, overdue, tooLate } from "./answer.ts";
import type { Line } from "./line-share.ts";
import { PURPOSES } from "./purpose.ts";
import { isWait, LoggedWaits, WAITING } from "./waits.ts";

export interface ServerOptions {
  readonly find: (instance: string) => Instance | undefined;
  readonly writes: DeviceWrites;
  readonly clock: Clock;
  /** For all remote callers together; undefined is no limit. */
  readonly rateLimit: RateLimit | undefined;
  readonly trail: AuditTrail;
  readonly log: Log;
  readonly counts: Pick<RelayCounts, "noteCall">;
  /** Present if traces are kept. */
  readonly spans?: ServedSpans | undefined;
}

type Outcome = Result<MethodResult<Method>, Failure>;

/** Time for the reply to travel: after the deadline nobody waits for it. */
const REPLY_MARGIN_MS = 100;

/** Passed in, so that no error with a stack trace is made for each call. */
const OVER = "no answer is wanted any more";

interface Call {
  readonly method: Method;
  /** Aborts when no answer is wanted any more: what was not sent to the host by then never is. */
  readonly ending: AbortController;
  isCancelled: boolean;
  /** Waits no longer for the instance's answer. */
  leave: () => void;
  /** Settles with its reply. */
  handling?: Promise<unknown>;
}

interface Begun {
  readonly sessionStartMs: number;
  readonly startedMs: number;
  readonly line: Line | undefined;
}

export class Server {
  readonly #options: ServerOptions;
  readonly #inFlight = new Map<string, Call>();
  readonly #waits = new LoggedWaits();
  #isLeaving = false;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Undefined if the call was cancelled: nobody waits. */
  async handle(request: Request, sessionStartMs: number, line?: Line): Promise<Reply | undefined> {
    const startedMs = this.#options.clock.monotonicMs();
    const refusal = this.#refusalOf(request, line);
    if (refusal !== undefined) {
      await this.#record(request, err(refusal), { startedMs, durable: false });
      return toReply(request, err(refusal));
    }
    const call: Call = {
      method: request.method,
      ending: new AbortController(),
      isCancelled: false,
      leave: () => {},
    };
    this.#inFlight.set(request.id, call);
    if (this.#isLeaving) endWait(call);
    const handling = this.#handleCall(request, call, { sessionStartMs, startedMs, line });
    call.handling = handling;
    return handling;
  }

  async #handleCall(
    request: Request,
    call: Call,
    { sessionStartMs, startedMs, line }: Begun,
  ): Promise<Reply | undefined> {
    try {
      const outcome = await this.#answerAudited(request, call, { sessionStartMs, startedMs, line });
      await this.#record(request, outcome, { startedMs, durable: isWrite(request) });
      return call.isCancelled ? undefined : toReply(request, outcome);
    } finally {
      // A cancelled read has left its place, and another may have its id.
      if (this.#inFlight.get(request.id) === call) this.#inFlight.delete(request.id);
    }
  }

  /** A read loses its place, though AimX can't take back what the host was asked. */
  cancel(id: string): void {
    const call = this.#inFlight.get(id);
    if (call === undefined) return;
    end(call);
    if (isRead(call)) this.#inFlight.delete(id);
  }

  /** The link is gone: nobody waits for any of them. */
  cancelAll(): void {
    for (const call of this.#inFlight.values()) end(call);
  }

  /** The relay leaves: calls that wait for samples, now or later, are answered with what is there. */
  endWaits(): void {
    this.#isLeaving = true;
    for (const call of this.#inFlight.values()) endWait(call);
  }

  /** What the device remembers of writes, on whichever session they came. */
  outcomesOf(ids: readonly string[]): Promise<RememberedWrite[]> {
    return this.#options.writes.remember(ids, (id) => this.#inFlight.get(id)?.handling);
  }

  #refusalOf(request: Request, line: Line | undefined): Failure | undefined {
    if (this.#inFlight.has(request.id)) {
      return failure("conflict", "A call with this id is under way.");
    }
    if (this.#inFlight.size >= MAX_IN_FLIGHT) {
      return failure("busy", "The relay has too many calls under way.", { retry_after_s: 1 });
    }
    const tooDear = line?.budget?.refusalOf(PURPOSES[request.method], bytesTaken(request));
    if (tooDear !== undefined || isWait(request)) return tooDear;
    const waitMs = this.#options.rateLimit?.take(this.#options.clock.monotonicMs()) ?? 0;
    if (waitMs === 0) return undefined;
    return failure("rate_limited", "The device file limits calls per minute (rate_limit).", {
      retry_after_s: Math.ceil(waitMs / 1000),
    });
  }

  async #answerAudited(
    request: Request,
    call: Call,
    { sessionStartMs, startedMs, line }: Begun,
  ): Promise<Outcome> {
    const { find, writes, clock } = this.#options;
    const instance = find(request.instance);
    if (instance === undefined) return err(UNKNOWN_INSTANCE);
    if (isWrite(request) && !(await this.#recordIntent(request))) {
      return err(
        failure(
          "refused_by_device",
          "The device's audit log can't be written, so nothing was changed.",
        ),
      );
    }
    const leftMs = startedMs + request.deadline_ms - REPLY_MARGIN_MS - clock.monotonicMs();
    if (leftMs <= 0) return tooLate(request);
    const answered = answer(request.method, request.params, {
      callId: request.id,
      principal: request.principal,
      instance,
      writes,
      timeoutMs: Math.min(REQUEST_TIMEOUT_MS, leftMs),
      signal: call.ending.signal,
      sessionStartMs,
      line,
    });
    const outcome = await this.#within(leftMs, { request, call }, answered);
    call.ending.abort(OVER);
    return call.isCancelled && isRead(call) ? err(CANCELLED) : outcome;
  }

  async #within(
    leftMs: number,
    { request, call }: { readonly request: Request; readonly call: Call },
    answered: Promise<Outcome>,
  ): Promise<Outcome> {
    let outcome: Outcome = overdue(request);
    const { clock } = this.#options;
    await waitUntil({ clock, waitMs: leftMs }, (finish) => {
      call.leave = finish;
      void answered
        .then((value) => {
          outcome = value;
        })
        .catch((error: unknown) => {
          this.#options.log.error("call_failed", { call: request.id, reason: String(error) });
          outcome = err(failure("internal", "The relay failed. Its log has the reason."));
        })
        .finally(finish);
      return () => {};
    });
    return outcome;
  }

  async #recordIntent(request: Request): Promise<boolean> {
    return this.#options.trail.append(
      { ...this.#entry(request), phase: "intent", value: valueOf(request) },
      true,
    );
  }

  async #record(
    request: Request,
    outcome: Outcome,
    { startedMs, durable }: { startedMs: number; durable: boolean },
  ): Promise<void> {
    const durationMs = this.#options.clock.monotonicMs() - startedMs;
    const named = nameOf(outcome);
    this.#options.counts.noteCall(request.method, named, durationMs);
    this.#options.spans?.note(request, named, durationMs);
    const duration_ms = Math.round(durationMs);
    const entry = { ...this.#entry(request), outcome: named, duration_ms };
    const isUsual = named === "ok" || named === CANCELLED.code;
    const isAgain = isUsual && isWait(request) && !this.#isDue(entry);
    if (!isAgain) await this.#options.trail.append({ ...entry, phase: "outcome" }, durable);
  }

  #isDue({ principal, instance, method, record }: Omit<AuditEntry, "phase" | "time">): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    return this.#waits.isDue([principal, instance, method, record].join(" "), nowMs);
  }

  #entry({ id, principal, instance, method, params }: Request): Omit<AuditEntry, "phase" | "time"> {
    return {
      call_id: id,
      principal,
      instance,
      method,
      record: recordOf(params),
    };
  }
}

function isWrite({ method }: Request): boolean {
  return EFFECTS[method] === "write";
}

function isRead({ method }: Pick<Call, "method">): boolean {
  return EFFECTS[method] === "read";
}

/** For an answer that has to be sent once it is there, since the host no longer has it. */
function bytesTaken({ method, params }: Request): number {
  if (EFFECTS[method] !== "take") return 0;
  const { max_bytes = MAX_RESULT_BYTES } = isJsonObject(params) ? params : {};
  return typeof max_bytes === "number" ? max_bytes : 0;
}

function endWait({ method, ending }: Call): void {
  if (WAITING.has(method)) ending.abort(OVER);
}

function end(call: Call): void {
  call.isCancelled = true;
  call.ending.abort(OVER);
  if (isRead(call)) call.leave();
}

/** Several, if the call names several. */
function recordOf(params: JsonValue): string | undefined {
  if (!isJsonObject(params)) return undefined;
  const { record, records } = params;
  if (Array.isArray(records)) return records.map(nameIn).join(", ").slice(0, MAX_VALUE_LENGTH);
  return typeof record === "string" ? record : undefined;
}

function nameIn(asked: JsonValue): string {
  if (isJsonObject(asked)) return nameIn(asked["record"] ?? "");
  return typeof asked === "string" ? asked : "";
}

/** A write's value; for a reset, which counters. */
function valueOf({ method, params }: Request): string | undefined {
  const value = method === "diagnostics.reset" ? params : fieldOf(params, "value");
  return value === undefined ? undefined : JSON.stringify(value).slice(0, MAX_VALUE_LENGTH);
}

function fieldOf(params: JsonValue, name: string): JsonValue | undefined {
  return isJsonObject(params) ? params[name] : undefined;
}

function nameOf(outcome: Outcome): string {
  if (!outcome.ok) return outcome.error.code;
  return "outcome" in outcome.value ? outcome.value.outcome : "ok";
}

function toReply({ id, instance }: Request, outcome: Outcome): Reply {
  const head = { t: "reply", id, instance } as const;
  if (outcome.ok) return { ...head, ok: outcome.value };
  const { code, message, details } = outcome.error;
  return { ...head, err: code, message, ...(details === undefined ? {} : { details }) };
}
