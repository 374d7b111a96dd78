/** Calls of a relay object, over the link or, while it has none, from what was last known; and the desks that ask by them. */
import type { AskRelay } from "#shared/desk/desk-call.ts";
import { DrainDesk } from "#shared/desk/drain-desk.ts";
import { SubscriptionDesk, UNKNOWN_SUBSCRIPTION } from "#shared/desk/subscription-desk.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { jsonValueSchema } from "#shared/json.ts";
import { WATCH_FEATURE } from "#shared/link/features.ts";
import { MAX_IN_FLIGHT } from "#shared/link/limits.ts";
import { EFFECTS } from "#shared/link/method.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Principal } from "../auth/principal.ts";
import { randomHex } from "../auth/secret.ts";
import type { Sql } from "../storage/migrate.ts";
import type { Admission } from "./admission.ts";
import { newCallId } from "./call-id.ts";
import { OUTDATED_RIGHTS, refusalOf, resultOf } from "./call.ts";
import { SqlDeskRows } from "./desk-rows.ts";
import type { LastKnownValues } from "./last-known.ts";
import type { CallTraces } from "./call-traces.ts";
import type { LinkCounts } from "./link-counts.ts";
import type { RelayLink } from "./link.ts";
import type { Offline } from "./offline.ts";
import type { OwnRow } from "./own-row.ts";
import { readingsIn } from "./readings-in.ts";
import { readInventory } from "./relay-row.ts";
import type {
  CallRequest,
  CallResult,
  DrainRequest,
  DrainResult,
  ReadRequest,
  ReadResult,
  SubscribeRequest,
  SubscribeResult,
  UnsubscribeRequest,
  UnsubscribeResult,
} from "./rpc.ts";
import type { Session } from "./session.ts";
import { staleAnswer } from "./stale-answer.ts";
import { toRpc } from "./to-rpc.ts";

export interface RelayCallsParts {
  readonly sql: Sql;
  readonly row: OwnRow;
  readonly link: RelayLink;
  readonly counts: LinkCounts;
  readonly traces: CallTraces;
  readonly lastKnown: LastKnownValues;
  readonly offline: Offline;
  readonly admission: Admission;
}

export class RelayCalls {
  readonly #parts: RelayCallsParts;
  readonly #desk: SubscriptionDesk;
  readonly #drains: DrainDesk;

  constructor(parts: RelayCallsParts) {
    this.#parts = parts;
    const desk = {
      rows: new SqlDeskRows(parts.sql),
      nowMs: Date.now,
      newId: () => randomHex(16),
    };
    this.#desk = new SubscriptionDesk(desk);
    this.#drains = new DrainDesk(desk);
  }

  async call(request: CallRequest): Promise<CallResult> {
    const { row, admission } = this.#parts;
    const refusal = refusalOf(request, row.read()?.team);
    if (refusal !== undefined) return { ok: false, failure: refusal };
    return (await admission.refusalOf(request.principal)) ?? this.#pass(request);
  }

  async subscribe(request: SubscribeRequest): Promise<SubscribeResult> {
    const { principal } = request;
    const asked = { ...request, principal: principal.id };
    return answer(await this.#desk.open(this.#askAs(principal), asked), (opened) => opened);
  }

  async readSubscription(request: ReadRequest): Promise<ReadResult> {
    const { principal } = request;
    if (!this.#isOf(principal)) return { ok: false, failure: UNKNOWN_SUBSCRIPTION };
    const asked = { ...request, principal: principal.id };
    const batch = await this.#desk.read(this.#askAs(principal), asked);
    return answer(batch, (value) => ({ batch: value }));
  }

  async unsubscribe({ principal, id }: UnsubscribeRequest): Promise<UnsubscribeResult> {
    if (!this.#isOf(principal)) return { ok: false, failure: UNKNOWN_SUBSCRIPTION };
    const refusal = await this.#parts.admission.refusalOf(principal);
    return refusal ?? answer(this.#desk.end(principal.id, id), (status) => ({ status }));
  }

  async drain(request: DrainRequest): Promise<DrainResult> {
    const { principal } = request;
    const asked = { ...request, principal: principal.id };
    const drained = await this.#drains.drain(this.#askAs(principal), asked);
    return answer(drained, (value) => ({ drained: value }));
  }

  async #pass(request: CallRequest): Promise<CallResult> {
    const { link, admission } = this.#parts;
    const busy = this.#unready();
    if (busy !== undefined) return { ok: false, failure: busy };
    const session = link.session(Date.now());
    if (session.name !== "live") return this.#staleAnswer(request, session);
    const { id, instance, principal, method, deadlineMs } = request;
    if (method === WATCH_FEATURE && !session.features.includes(WATCH_FEATURE)) return UNSUPPORTED;
    const send = () =>
      link.ask({
        t: "req",
        id,
        instance,
        principal: principal.id,
        deadline_ms: deadlineMs,
        method,
        params: jsonValueSchema.parse(request.params),
      });
    const ask = () => this.#parts.traces.during(id, principal.trace, send);
    const isRead = EFFECTS[method] === "read";
    const end = await (isRead ? admission.reading(id, principal, ask) : ask());
    const result = resultOf(end, session.startedAtMs);
    if (result.ok) this.#noteReadings(request, result);
    return result;
  }

  /** A desk's questions are calls like any other: each is decided on. */
  #askAs(principal: Principal): AskRelay {
    return async (call) => {
      const result = await this.call({ ...call, principal, id: newCallId(principal) });
      if (!result.ok) return err(result.failure);
      const { value, sessionStartedAtMs } = result;
      return ok({ value, sessionStartedAtMs });
    };
  }

  #isOf({ team }: Pick<Principal, "team">): boolean {
    return this.#parts.row.read()?.team === team;
  }

  #unready(): Failure | undefined {
    if (this.#parts.link.pendingCount < MAX_IN_FLIGHT) return undefined;
    return failure("busy", "The relay has too many calls under way.", { retry_after_s: 1 });
  }

  #noteReadings(
    { instance, method }: CallRequest,
    { value, sessionStartedAtMs }: Extract<CallResult, { ok: true }>,
  ): void {
    this.#parts.lastKnown.note(instance, readingsIn(method, value), sessionStartedAtMs);
  }

  #staleAnswer(request: CallRequest, session: Session): CallResult {
    const { lastKnown, offline, sql } = this.#parts;
    const read = (instance: string) => lastKnown.read(instance);
    this.#parts.counts.add("stale_answers");
    const known = { inventory: readInventory(sql), read, since: offline.since(session) };
    return staleAnswer(request, known, offline.failureOf(session));
  }
}

const UNSUPPORTED: CallResult = {
  ok: false,
  failure: failure("unsupported", "The relay is of a release that can't do this. Update it."),
};

/** A desk hands on why it was refused, and the Worker has to see that it may ask again. */
function answer<T, A extends object>(
  result: Result<T, Failure>,
  toAnswer: (value: T) => A,
): ReturnType<typeof toRpc<T, A>> {
  const isOutdated = !result.ok && result.error === OUTDATED_RIGHTS.failure;
  return isOutdated ? OUTDATED_RIGHTS : toRpc(result, toAnswer);
}
