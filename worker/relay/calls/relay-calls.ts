/** A relay object's calls, over the link or, while it has none, from last known values; and the desks that use them. */
import { isBrokenRead } from "#shared/fleet/broken-read.ts";
import type { AskRelay } from "#shared/desk/desk-call.ts";
import { DrainDesk } from "#shared/desk/drain-desk.ts";
import { SubscriptionDesk, UNKNOWN_SUBSCRIPTION } from "#shared/desk/subscription-desk.ts";
import { failure } from "#shared/failure.ts";
import { isJsonObject, jsonValueSchema } from "#shared/json/json.ts";
import { WATCH_FEATURE } from "#shared/link/features.ts";
import { EFFECTS } from "#shared/link/method.ts";
import { MAX_TARGETS } from "#shared/mcp/limits.ts";
import { err, ok } from "#shared/result.ts";
import { after } from "../../after.ts";
import type { Principal } from "../../auth/principal.ts";
import { randomHex } from "../../auth/secret.ts";
import type { Sql } from "../../storage/migrate.ts";
import type { Admission } from "./admission.ts";
import { newCallId } from "./call-id.ts";
import type { CallRates } from "./call-rates.ts";
import { CANCELLED_CALL, LINK_LOST, refusalOf, resultOf } from "./call.ts";
import { deskAnswer } from "./desk-answer.ts";
import { SqlDeskRows } from "./desk-rows.ts";
import { FairQueue } from "./fair-queue.ts";
import { LeftCalls } from "./left-calls.ts";
import type { LastKnownValues } from "./last-known.ts";
import type { CallTraces } from "./call-traces.ts";
import type { LinkCounts } from "../link/link-counts.ts";
import type { RelayLink } from "../link/link.ts";
import type { Dropped } from "../link/pending.ts";
import type { Offline } from "./offline.ts";
import type { OwnInventory } from "../own-inventory.ts";
import type { OwnRow } from "../own-row.ts";
import { readingsIn } from "./readings-in.ts";
import type {
  Asks,
  CallRequest,
  CallResult,
  CancelRequest,
  DescribeQuery,
  DrainRequest,
  DrainResult,
  Failed,
  ReadRequest,
  ReadResult,
  RelayDescription,
  SubscribeRequest,
  SubscribeResult,
  UnsubscribeRequest,
  UnsubscribeResult,
} from "../rpc.ts";
import type { Session } from "../link/session.ts";
import { SharedWatches, type WatchQuestion } from "./shared-watches.ts";
import { staleAnswer } from "./stale-answer.ts";
import { untilBack } from "./until-back.ts";
import { waitingLess } from "./waiting-less.ts";
import { selectionOf } from "./watch-places.ts";

export interface RelayCallsParts {
  readonly sql: Sql;
  readonly row: OwnRow;
  readonly inventory: OwnInventory;
  readonly link: RelayLink;
  readonly counts: LinkCounts;
  readonly traces: CallTraces;
  readonly lastKnown: LastKnownValues;
  readonly offline: Offline;
  readonly admission: Admission;
  readonly rates: CallRates;
  /** Calls that one principal may have in progress here. */
  readonly share: number;
}

export class RelayCalls {
  readonly #parts: RelayCallsParts;
  readonly #desk: SubscriptionDesk;
  readonly #drains: DrainDesk;
  readonly #turns: FairQueue;
  readonly #watches = new SharedWatches(Date.now);
  readonly #left = new LeftCalls();

  constructor(parts: RelayCallsParts) {
    this.#parts = parts;
    const desk = {
      rows: new SqlDeskRows(parts.sql),
      nowMs: Date.now,
      newId: () => randomHex(16),
    };
    this.#desk = new SubscriptionDesk(desk);
    this.#drains = new DrainDesk(desk);
    this.#turns = new FairQueue({
      share: parts.share,
      others: () => parts.link.pendingWrites,
      after,
    });
    parts.link.onWriteEnd = () => this.#turns.look();
  }

  async call(request: CallRequest): Promise<CallResult> {
    const endsAtMs = Date.now() + request.deadlineMs;
    return (await this.refusalOf(request)) ?? this.#passCounted(request, endsAtMs);
  }

  /** The refusal if the caller may not, or not now. */
  async refusalOf(request: CallRequest): Promise<Failed | undefined> {
    const { row, admission } = this.#parts;
    const refusal = refusalOf(request, row.read()?.team);
    if (refusal !== undefined) return { ok: false, failure: refusal };
    return (await admission.refusalOf(request.principal)) ?? admission.excessOf(Date.now());
  }

  /** A tool call's caller has gone: reads end, a call that takes continues if it was asked, a change in any case. */
  cancel({ team, cause }: CancelRequest): void {
    if (!this.#isOf({ team })) return;
    this.#left.add(cause);
    this.#turns.cancel(cause);
    this.#parts.link.stopAwaiting(cause);
    this.#parts.admission.cancel(cause);
  }

  /** Makes `call` at each instance that may have the described record, all at once. */
  async callAhead(
    description: RelayDescription,
    ahead: NonNullable<DescribeQuery["ahead"]>,
  ): Promise<RelayDescription> {
    const asked = description.instances.map(async (instance, i) => {
      if (instance.hasRecord === false || i >= MAX_TARGETS) return instance;
      const call = { ...ahead, instance: instance.name, id: newCallId(ahead.principal) };
      return { ...instance, answer: await this.call(call) };
    });
    return { ...description, instances: await Promise.all(asked) };
  }

  async subscribe(request: SubscribeRequest): Promise<SubscribeResult> {
    const { principal } = request;
    const asked = { ...request, principal: principal.id };
    return deskAnswer(await this.#desk.open(this.#askAs(principal), asked), (opened) => opened);
  }

  async readSubscription(request: ReadRequest): Promise<ReadResult> {
    const { principal } = request;
    if (!this.#isOf(principal)) return { ok: false, failure: UNKNOWN_SUBSCRIPTION };
    const asked = { ...request, principal: principal.id };
    const batch = await this.#desk.read(this.#askAs(principal, request.asks), asked);
    return deskAnswer(batch, (value) => ({ batch: value }));
  }

  async unsubscribe({ principal, id }: UnsubscribeRequest): Promise<UnsubscribeResult> {
    if (!this.#isOf(principal)) return { ok: false, failure: UNKNOWN_SUBSCRIPTION };
    const refusal = await this.#parts.admission.refusalOf(principal);
    return refusal ?? deskAnswer(this.#desk.end(principal.id, id), (status) => ({ status }));
  }

  async drain(request: DrainRequest): Promise<DrainResult> {
    const { principal } = request;
    const asked = { ...request, principal: principal.id };
    const drained = await this.#drains.drain(this.#askAs(principal, request.asks), asked);
    return deskAnswer(drained, (value) => ({ drained: value }));
  }

  /** Counted once, even if repeated after a broken link; a call refused as outdated is not counted, but comes again. */
  async #passCounted(request: CallRequest, endsAtMs: number): Promise<CallResult> {
    if (waits(request.params)) return this.#pass(request, endsAtMs);
    const { rates } = this.#parts;
    const { id: principal } = request.principal;
    const tooOften = rates.take(principal, Date.now());
    if (tooOften !== undefined) return tooOften;
    const result = await this.#pass(request, endsAtMs);
    if (!result.ok && result.outdated !== undefined) rates.giveBack(principal, Date.now());
    return result;
  }

  /**
   * A read waits for a link that existed a moment ago; one that broke off is repeated, if allowed, once there is a
   * link. A take is not: it may have been done.
   */
  async #pass(request: CallRequest, endsAtMs: number): Promise<CallResult> {
    if (EFFECTS[request.method] !== "read") return this.#passInTurn(until(endsAtMs, request));
    let result = await this.#passFirst(request, endsAtMs);
    const { asks = FIRST_ASKS } = request;
    for (let asked = 1; brokeOff(result) && asked < asks; asked += 1) {
      const again = await this.#passOnceBack(request, endsAtMs);
      if (again === undefined) break;
      // The device had received the question before, although this time it was refused.
      const isOutdated = !again.ok && again.outdated !== undefined;
      result = isOutdated ? { ...again, wasAsked: true } : again;
    }
    return result === LINK_LOST ? this.#afterLoss(request) : result;
  }

  async #passFirst(request: CallRequest, endsAtMs: number): Promise<CallResult> {
    if (this.#awaitedMs() === 0) return this.#passInTurn(until(endsAtMs, request));
    const passed = await this.#passOnceBack(request, endsAtMs);
    if (passed !== undefined) return passed;
    // Decided again: rights may have changed while the call waited.
    const refusal = await this.#refusalOf(request);
    return refusal ?? this.#passInTurn(until(endsAtMs, request));
  }

  async #refusalOf({ principal, method }: CallRequest): Promise<CallResult | undefined> {
    const refusal = await this.#parts.admission.refusalOf(principal);
    if (refusal !== undefined || EFFECTS[method] === "write") return refusal;
    return this.#left.has(principal) ? CANCELLED_CALL : undefined;
  }

  /** 0 also if there is a session. */
  #awaitedMs(): number {
    const nowMs = Date.now();
    return this.#parts.offline.awaitedMs(this.#parts.link.session(nowMs), nowMs);
  }

  /** Undefined if the relay is not back in time. */
  async #passOnceBack(request: CallRequest, endsAtMs: number): Promise<CallResult | undefined> {
    const { cause } = request.principal;
    if (!(await untilBack(this.#parts, endsAtMs - Date.now(), cause))) return undefined;
    await scheduler.wait(Math.random() * SPREAD_MS);
    const deadlineMs = endsAtMs - Date.now();
    if (deadlineMs < MIN_DEADLINE_MS) return undefined;
    const id = newCallId(request.principal);
    const params = waitingLess(request.params, request.deadlineMs - deadlineMs);
    return this.#passInTurn({ ...request, id, params, deadlineMs });
  }

  /** As for any relay without a link; if no value is known either, the reason that this call has no answer. */
  #afterLoss(request: CallRequest): CallResult {
    const session = this.#parts.link.session(Date.now());
    const stale = session.name === "live" ? LINK_LOST : this.#staleAnswer(request, session);
    return stale.ok ? stale : LINK_LOST;
  }

  async #passInTurn(request: CallRequest): Promise<CallResult> {
    const session = this.#parts.link.session(Date.now());
    if (session.name !== "live") return this.#staleAnswer(request, session);
    const { principal, method, params, deadlineMs } = request;
    if (method === WATCH_FEATURE && !session.features.includes(WATCH_FEATURE)) return UNSUPPORTED;
    const startedAtMs = Date.now();
    const turn = await this.#turns.enter({
      principal: principal.id,
      size: () => JSON.stringify(params ?? null).length,
      isWait: waits(params),
      withinMs: deadlineMs,
      cause: EFFECTS[method] === "write" ? undefined : principal.cause,
    });
    if (turn.type === "cancelled") return CANCELLED_CALL;
    if (turn.type !== "go") return BUSY;
    try {
      return await this.#passOrHear(request, startedAtMs);
    } finally {
      turn.leave();
    }
  }

  /** Takes what another caller's question brings; asks for what that leaves out. */
  async #passOrHear(request: CallRequest, startedAtMs: number): Promise<CallResult> {
    const { link, admission } = this.#parts;
    const endsAtMs = startedAtMs + request.deadlineMs;
    for (let heard = 0; ; heard += 1) {
      // Decided again: rights may have changed while it waited. Nothing is awaited from here to the sending.
      const refusal = await this.#refusalOf(request);
      if (refusal !== undefined) return refusal;
      const session = link.session(Date.now());
      if (session.name !== "live") return this.#staleAnswer(request, session);
      const question = questionOf(request, session, endsAtMs);
      const hearing = question && heard < MAX_HEARD ? this.#watches.hear(question) : undefined;
      if (hearing === undefined) {
        const left = heard === 0 ? request : lessWaited(request, Date.now() - startedAtMs);
        return this.#passNow(until(endsAtMs, left), session, question);
      }
      const reading = { principal: request.principal, drop: hearing.drop };
      const end = await admission.reading(reading, () => hearing.end);
      if (end !== undefined) return resultOf(end, session.startedAtMs);
    }
  }

  async #passNow(
    request: CallRequest,
    session: LiveSession,
    question: WatchQuestion | undefined,
  ): Promise<CallResult> {
    const { link, admission } = this.#parts;
    const { id, instance, principal, method, deadlineMs } = request;
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
    const inTrace = () => this.#parts.traces.during(id, principal.trace, send);
    const asking = { send: inTrace, drop: (why: Dropped) => link.drop(id, why) };
    const { end: asked, drop } =
      question === undefined
        ? { end: inTrace(), drop: asking.drop }
        : this.#watches.ask(question, asking);
    const isRead = EFFECTS[method] === "read";
    const end = await (isRead ? admission.reading({ principal, drop }, () => asked) : asked);
    const result = resultOf(end, session.startedAtMs);
    if (result.ok) this.#noteReadings(request, result);
    return result;
  }

  /** A desk's questions are calls like any other: each is decided on. */
  #askAs(principal: Principal, asks?: Asks): AskRelay {
    return async (call) => {
      const result = await this.call({ ...call, principal, id: newCallId(principal), asks });
      if (!result.ok) return err(result.failure);
      const { value, sessionStartedAtMs } = result;
      return ok({ value, sessionStartedAtMs });
    };
  }

  #isOf({ team }: Pick<Principal, "team">): boolean {
    return this.#parts.row.read()?.team === team;
  }

  #noteReadings(
    { instance, method, params }: CallRequest,
    { value, sessionStartedAtMs }: Extract<CallResult, { ok: true }>,
  ): void {
    const { lastKnown } = this.#parts;
    const readings = () => readingsIn(method, value);
    const key = method === "record.get" && isJsonObject(params) ? params["record"] : undefined;
    if (typeof key === "string") {
      lastKnown.noteLater({ instance, key }, readings, sessionStartedAtMs);
    } else {
      lastKnown.note(instance, readings(), sessionStartedAtMs);
    }
  }

  #staleAnswer(request: CallRequest, session: Session): CallResult {
    const { lastKnown, offline, inventory } = this.#parts;
    const read = (instance: string) => lastKnown.read(instance);
    this.#parts.counts.add("stale_answers");
    const known = { inventory: inventory.read(), read, since: offline.since(session) };
    return staleAnswer(request, known, offline.failureOf(session));
  }
}

function until(endsAtMs: number, request: CallRequest): CallRequest {
  return { ...request, deadlineMs: Math.max(1, endsAtMs - Date.now()) };
}

/** Held back at the relay until there are samples: `samples.read` and `samples.watch`. */
function waits(params: unknown): boolean {
  const waitMs = isJsonObject(params) ? params["wait_ms"] : undefined;
  return typeof waitMs === "number" && waitMs > 0;
}

/** Undefined unless it waits for samples after cursors; any other call is always sent. */
function questionOf(
  { instance, principal, method, params }: CallRequest,
  session: LiveSession,
  endsAtMs: number,
): WatchQuestion | undefined {
  const selection = selectionOf(method, params);
  if (selection === undefined) return undefined;
  return { ...selection, session: session.id, instance, principal: principal.id, endsAtMs };
}

function lessWaited(request: CallRequest, ms: number): CallRequest {
  return { ...request, params: waitingLess(request.params, ms) };
}

type LiveSession = Extract<Session, { name: "live" }>;

/** After this many answers to others without news, a caller asks itself: another reader may be far behind. */
const MAX_HEARD = 2;

/** The link to the device broke, or the device reports that its own connection to the host did. */
function brokeOff(result: CallResult): boolean {
  return result === LINK_LOST || (!result.ok && isBrokenRead(result.failure));
}

/** So that not all calls come at once on a link that has just come back. */
const SPREAD_MS = 250;
/** Less would be too short for a question over a slow link. */
const MIN_DEADLINE_MS = 100;

const BUSY: CallResult = {
  ok: false,
  failure: failure("busy", "The relay has too many calls under way.", { retry_after_s: 1 }),
};

/** For an object whose caller gave no number: it is asked first. */
const FIRST_ASKS: Asks = 2;

const UNSUPPORTED: CallResult = {
  ok: false,
  failure: failure("unsupported", "The relay's release can't do this. Update the relay."),
};
