/** How one principal reaches its fleet: through relay objects and links. Made for one request, never kept. */
import type { DeskBatch, DrainedBatch } from "#shared/desk/desk-batch.ts";
import { UNKNOWN_SUBSCRIPTION } from "#shared/desk/subscription-desk.ts";
import type { Failure } from "#shared/failure.ts";
import type {
  FleetAnswer,
  FleetCall,
  FleetCalls,
  InstancesCall,
} from "#shared/fleet/calling-fleet.ts";
import type {
  DrainQuery,
  InstanceOverview,
  SubscribeRequest,
  SubscriptionHandle,
  SubscriptionQuery,
  UnsubscribeStatus,
  WriteReport,
  WriteRequest,
} from "#shared/fleet/fleet.ts";
import { UNKNOWN_CALL, UNKNOWN_INSTANCE } from "#shared/fleet/unknown.ts";
import { parseInstanceId } from "#shared/instance-id.ts";
import { MAX_DEADLINE_MS } from "#shared/link/limits.ts";
import { EFFECTS } from "#shared/link/method.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Scope } from "#shared/access/scope.ts";
import { onBehalf, type Principal } from "../../auth/principal.ts";
import { randomHex } from "../../auth/secret.ts";
import { newCallId } from "../../relay/calls/call-id.ts";
import { Deadline } from "../../deadline.ts";
import type { Env } from "../../env.ts";
import { GoneError } from "../../gone-error.ts";
import { LATE, LateError } from "../../late-error.ts";
import { logEvent } from "../../log.ts";
import type { CallResult, Failed, Outdated, WriteCall } from "../../relay/rpc.ts";
import { DESCRIBE_DEADLINE_MS } from "../../relay/describe-in-time.ts";
import { relayOf } from "../../relay/stub.ts";
import { waitingLess } from "../../relay/calls/waiting-less.ts";
import { parseCallId } from "../../relay/writes/write-report.ts";
import { isNewerState } from "../../storage/newer-state.ts";
import { AskedAhead } from "./asked-ahead.ts";
import { readFleet } from "./fleet-overview.ts";
import { ReadAsks } from "./read-asks.ts";
import { isOpen, LOST, LOST_RESET, lostWrite, NEWER, NOT_ASKED } from "./lost-call.ts";
import { UnderWay } from "./under-way.ts";
import { byId, byName, type Way } from "./ways.ts";

/** Where to ask, and as whom. */
interface Place {
  /** The relay object's id. */
  readonly relay: string;
  readonly principal: Principal;
}

/** A desk asks its relay three times at most, within five seconds each, and its team before that. */
const DESK_WITHIN_MS = 20_000;

/** As long as a write may take on the link, and the question to the team before it. */
const WRITE_WITHIN_MS = MAX_DEADLINE_MS + 2_000;

/** Twice: both the principal's rights and the relay's object can be outdated. */
const MAX_ASKED_AGAIN = 2;

export class WorkerCalls implements FleetCalls {
  readonly scopes: readonly Scope[];
  readonly nowMs = Date.now;
  readonly #env: Env;
  readonly #renew: () => Promise<Principal | undefined>;
  readonly #onLong: (() => void) | undefined;
  #principal: Principal;
  #isTurnedAway = false;
  #isLeft = false;
  readonly #asked = new Set<string>();
  readonly #ahead = new AskedAhead();
  /** Relay objects where a question may be waiting. */
  readonly #reached = new Set<string>();
  readonly #underWay = new UnderWay();

  /**
   * `renew` asks the team again who the caller is; by default, nobody. `onLong`: called when an answer takes long.
   */
  constructor(
    env: Env,
    principal: Principal,
    renew: () => Promise<Principal | undefined> = () => Promise.resolve(undefined),
    onLong?: () => void,
  ) {
    this.#env = env;
    this.#principal = principal;
    this.#renew = renew;
    this.#onLong = onLong;
    this.scopes = principal.scopes;
  }

  /** Each instance that was asked, listed once. */
  get askedInstances(): readonly string[] {
    return [...this.#asked];
  }

  /** The caller's credential is no longer valid. */
  get isTurnedAway(): boolean {
    return this.#isTurnedAway;
  }

  /**
   * The caller has gone: reads end, nothing new is asked, a write continues. Settles when nothing is in progress.
   */
  async leave(): Promise<void> {
    this.#isLeft = true;
    const { team, cause } = this.#principal;
    if (cause !== undefined) {
      const told = [...this.#reached].map((relay) => this.#object(relay).cancel({ team, cause }));
      await Promise.allSettled(told);
    }
    await this.#underWay.ended();
  }

  async instances({ record, ahead }: InstancesCall): Promise<InstanceOverview> {
    const time = this.#within(ahead?.deadlineMs ?? DESCRIBE_DEADLINE_MS);
    const read = () => {
      const principal = this.#principal;
      const asked = { record, ahead: ahead === undefined ? undefined : { ...ahead, principal } };
      const onAhead = (relay: string) => void this.#reached.add(relay);
      return readFleet(this.#env, principal, { ...asked, onAhead }, time);
    };
    const fleet = (await read()) ?? ((await this.#renewRights(time)) ? await read() : undefined);
    if (ahead !== undefined) this.#ahead.note(ahead, fleet?.answers);
    return fleet?.overview ?? NO_FLEET;
  }

  async call(call: FleetCall): Promise<Result<FleetAnswer, Failure>> {
    const asked = this.#takeAhead(call) ?? (await this.#callNow(call));
    if (!asked.ok) return asked;
    const { value, sessionStartedAtMs, staleSince } = asked.value;
    return ok({ value, sessionStartedAtMs, staleSince });
  }

  async subscribe(request: SubscribeRequest): Promise<Result<SubscriptionHandle, Failure>> {
    const { record, durationMs, maxEvents = null } = request;
    const time = this.#within(DESK_WITHIN_MS);
    const opened = await this.#atInstance(
      request.instance,
      time,
      ({ relay, principal }, instance) =>
        time.ask(() =>
          this.#object(relay).subscribe({ principal, instance, record, durationMs, maxEvents }),
        ),
    );
    if (!opened.ok) return opened;
    const { id, recordKey } = opened.value;
    const relayName = parseInstanceId(request.instance)?.relay ?? "";
    return ok({ id: `${relayName}.${id}`, recordKey });
  }

  async readSubscription(id: string, read: SubscriptionQuery): Promise<Result<DeskBatch, Failure>> {
    const { way, relayName, handle } = this.#subscription(id);
    const asked = { id: handle, readId: randomHex(16), ...read };
    const time = this.#within(read.waitMs + DESK_WITHIN_MS);
    const asks = new ReadAsks();
    const reading = await this.#ask(way, time, ({ relay, principal }) =>
      time.read(() => {
        const waitMs = Math.max(0, Math.min(read.waitMs, time.leftMs - DESK_WITHIN_MS));
        const request = { principal, ...asked, waitMs };
        return asks.take((left) =>
          this.#object(relay).readSubscription({ ...request, asks: left }),
        );
      }),
    );
    if (!reading.ok) return reading;
    const { batch } = reading.value;
    this.#asked.add(`${relayName}/${batch.instance}`);
    return ok({ ...batch, instance: `${relayName}/${batch.instance}` });
  }

  /** Continues after the caller has gone, whose subscription would otherwise stay. */
  async unsubscribe(id: string): Promise<Result<UnsubscribeStatus, Failure>> {
    const { way, handle } = this.#subscription(id);
    const time = this.#lasting(DESK_WITHIN_MS);
    const ended = await this.#ask(way, time, ({ relay, principal }) =>
      time.read(() => this.#object(relay).unsubscribe({ principal, id: handle })),
    );
    return ended.ok ? ok(ended.value.status) : ended;
  }

  /** Sent once. If the object is reset meanwhile, or hangs, the row that it left tells more. */
  async write(instanceId: string, write: WriteRequest): Promise<Result<WriteReport, Failure>> {
    const id = newCallId(this.#principal);
    const begun: { relay?: string; call?: WriteCall } = {};
    const time = this.#within(WRITE_WITHIN_MS);
    const written = await this.#atInstance(instanceId, time, ({ relay, principal }, instance) => {
      const asked = { ...write, principal, id, instance };
      begun.relay = relay;
      begun.call = asked;
      return time.ask(() => this.#object(relay).write(asked));
    });
    if (written.ok) return ok(written.value.report);
    const { relay, call } = begun;
    if (!isOpen(written.error) || relay === undefined || call === undefined) return written;
    const known = await this.#readReport(relay, id);
    if (known.ok) return known;
    return ok(lostWrite(relay, call, { why: written.error, unread: known.error }));
  }

  async writeReport(callId: string): Promise<Result<WriteReport, Failure>> {
    const { relay, id } = parseCallId(callId);
    return relay === undefined ? err(UNKNOWN_CALL) : this.#readReport(relay, id);
  }

  /** Sent once: a yes executes the write. */
  async answerWrite(callId: string, accepted: boolean): Promise<Result<WriteReport, Failure>> {
    const { relay, id } = parseCallId(callId);
    if (relay === undefined) return err(UNKNOWN_CALL);
    const time = this.#within(WRITE_WITHIN_MS);
    const answered = await this.#ask(byId(this.#env, relay, UNKNOWN_CALL), time, ({ principal }) =>
      time.ask(() => this.#object(relay).answerWrite({ principal, id, accepted })),
    );
    if (answered.ok) return ok(answered.value.report);
    return isOpen(answered.error) ? this.#readReport(relay, id) : answered;
  }

  async #callNow(call: FleetCall): Promise<Result<Called, Failure>> {
    const time = this.#within(call.deadlineMs);
    const asks = this.#ahead.has(call) ? new ReadAsks(1) : new ReadAsks();
    const called = await this.#atInstance(call.instance, time, (place, instance) =>
      this.#callBy(place, { ...call, instance }, { time, asks }),
    );
    const isLostReset = !called.ok && called.error === LOST && EFFECTS[call.method] === "write";
    return isLostReset ? err(LOST_RESET) : called;
  }

  /** Undefined if no answer came ahead, or it was refused as outdated. */
  #takeAhead(call: FleetCall): Result<Called, Failure> | undefined {
    const answer = this.#ahead.take(call);
    if (answer === undefined) return undefined;
    this.#asked.add(call.instance);
    if (answer.ok) return ok(answer);
    return answer.outdated === undefined ? err(answer.failure) : undefined;
  }

  /** Continues after the caller has gone: the log records how the write ended. */
  async #readReport(relay: string, id: string): Promise<Result<WriteReport, Failure>> {
    const time = this.#lasting(DESK_WITHIN_MS);
    const read = await this.#ask(byId(this.#env, relay, UNKNOWN_CALL), time, ({ principal }) =>
      time.read(() => this.#object(relay).writeReport({ principal, id })),
    );
    return read.ok ? ok(read.value.report) : read;
  }

  /** Only a read is repeated: anything else may have been done when its object was reset. */
  #callBy(
    { relay, principal }: Place,
    { instance, method, params, deadlineMs }: FleetCall,
    { time, asks }: { readonly time: Deadline; readonly asks: ReadAsks },
  ): Promise<CallResult> {
    const request = () => ({
      principal,
      id: newCallId(principal),
      instance,
      method,
      params: waitingLess(params, deadlineMs - time.leftMs),
      deadlineMs: time.objectMs,
    });
    switch (EFFECTS[method]) {
      case "read":
        return time.read(() =>
          asks.take((left) => this.#object(relay).call({ ...request(), asks: left })),
        );
      case "take":
      case "write":
        return time.ask(() => this.#object(relay).call(request()));
    }
  }

  /** Sent once, because it moves the principal's cursor, unless the caller says where to start. */
  async drain(instanceId: string, query: DrainQuery): Promise<Result<DrainedBatch, Failure>> {
    const time = this.#within(DESK_WITHIN_MS);
    const asks = new ReadAsks();
    const drained = await this.#atInstance(instanceId, time, ({ relay, principal }, instance) => {
      const asked = { principal, instance, ...query };
      if (query.after === undefined) {
        return time.ask(() => this.#object(relay).drain({ ...asked, asks: 2 }));
      }
      return time.read(() =>
        asks.take((left) => this.#object(relay).drain({ ...asked, asks: left })),
      );
    });
    return drained.ok ? ok(drained.value.drained) : drained;
  }

  async #atInstance<A extends object>(
    instanceId: string,
    time: Deadline,
    ask: (place: Place, instance: string) => Promise<Answer<A>>,
  ): Promise<Result<Accepted<A>, Failure>> {
    const id = parseInstanceId(instanceId);
    if (id === undefined) return err(UNKNOWN_INSTANCE);
    return this.#ask(this.#named(id.relay, UNKNOWN_INSTANCE), time, (place) => {
      this.#asked.add(instanceId);
      return ask(place, id.name);
    });
  }

  /**
   * If what the question relied on is outdated, that is looked up anew and the question repeated: nothing was done
   * yet. `ask` must end in time.
   */
  async #ask<A extends object>(
    way: Way,
    time: Deadline,
    ask: (place: Place) => Promise<Answer<A>>,
    asked = 0,
  ): Promise<Result<Accepted<A>, Failure>> {
    const found = await this.#reach(() => way.find(time), NOT_ASKED);
    if (!found.ok) return found;
    const relay = found.value;
    if (relay === undefined) return err(way.missing);
    this.#reached.add(relay);
    const reached = await this.#reach(() => ask({ relay, principal: this.#principal }), LATE);
    if (!reached.ok) return reached;
    const answer = reached.value;
    if (answer.ok) return ok(answer);
    if (asked === MAX_ASKED_AGAIN) return err(answer.failure);
    const isNewer = await this.#reach(() => this.#findOut(answer.outdated, way, time), NOT_ASKED);
    if (!isNewer.ok) return isNewer;
    return isNewer.value ? this.#ask(way, time, ask, asked + 1) : err(answer.failure);
  }

  async #reach<T>(ask: () => Promise<T>, late: Failure): Promise<Result<T, Failure>> {
    try {
      this.#underWay.begin();
      return ok(await ask());
    } catch (error) {
      if (error instanceof GoneError) return err(error.failure);
      const { cause: call } = this.#principal;
      logEvent("error", "relay_object_lost", { call, reason: String(error) });
      if (isNewerState(error)) return err(NEWER);
      return err(error instanceof LateError ? late : LOST);
    } finally {
      this.#underWay.end();
    }
  }

  async #findOut(
    outdated: Outdated | undefined,
    { forget }: Way,
    time: Deadline,
  ): Promise<boolean> {
    if (outdated === "rights") return this.#renewRights(time);
    forget?.();
    return outdated === "relay" && forget !== undefined;
  }

  async #renewRights(time: Deadline): Promise<boolean> {
    const renewed = await time.ask(this.#renew);
    this.#isTurnedAway = renewed === undefined;
    if (renewed !== undefined) this.#principal = onBehalf(renewed, this.#principal);
    return renewed !== undefined;
  }

  #named(name: string, missing: Failure): Way {
    return byName(this.#env, { team: this.#principal.team, name }, missing);
  }

  /** `<relay>.<handle>`. */
  #subscription(id: string): { way: Way; relayName: string; handle: string } {
    const [relayName = "", handle = ""] = id.split(".", 2);
    return { way: this.#named(relayName, UNKNOWN_SUBSCRIPTION), relayName, handle };
  }

  #within(ms: number): Deadline {
    const isGone = () => this.#isLeft;
    return new Deadline(ms, { isGone, onLong: this.#onLong, call: this.#principal.cause });
  }

  /** Continues after the caller has gone. */
  #lasting(ms: number): Deadline {
    return new Deadline(ms, { call: this.#principal.cause });
  }

  #object(relay: string): ReturnType<typeof relayOf> {
    return relayOf(this.#env, relay);
  }
}

type Accepted<A> = { readonly ok: true } & A;
type Answer<A> = Accepted<A> | Failed;
type Called = Extract<CallResult, { readonly ok: true }>;

const NO_FLEET: InstanceOverview = { relayCount: 0, instances: [], skipped: [], failed: [] };
