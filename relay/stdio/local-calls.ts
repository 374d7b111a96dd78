/**
 * How a client on this machine reaches its instances: like a worker's calls, through the same server and within the
 * same bounds, but without a link in between.
 */
import { isBrokenRead } from "#shared/fleet/broken-read.ts";
import { announcesRecord } from "#shared/fleet/announces-record.ts";
import type { CallerSignal } from "#shared/fleet/caller-signal.ts";
import { CANCELLED } from "#shared/fleet/cancelled.ts";
import type {
  FleetAnswer,
  FleetCall,
  FleetCalls,
  InstancesCall,
} from "#shared/fleet/calling-fleet.ts";
import type { DeskBatch, DrainedBatch } from "#shared/desk/desk-batch.ts";
import { DrainDesk } from "#shared/desk/drain-desk.ts";
import { MemoryDeskRows } from "#shared/desk/memory-desk-rows.ts";
import { SubscriptionDesk, UNKNOWN_SUBSCRIPTION } from "#shared/desk/subscription-desk.ts";
import type { AskRelay } from "#shared/desk/desk-call.ts";
import { failure, type Failure } from "#shared/failure.ts";
import type {
  DrainQuery,
  InstanceOverview,
  InstanceRow,
  SubscribeRequest,
  SubscriptionHandle,
  SubscriptionQuery,
  UnsubscribeStatus,
  WriteReport,
  WriteRequest,
} from "#shared/fleet/fleet.ts";
import { UNKNOWN_INSTANCE } from "#shared/fleet/unknown.ts";
import { formatInstanceId, parseInstanceId } from "#shared/instance-id.ts";
import { jsonValueSchema } from "#shared/json/json.ts";
import type { AnnouncedInstance } from "#shared/link/inventory.ts";
import { EFFECTS } from "#shared/link/method.ts";
import type { Reply } from "#shared/link/request.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Scope } from "#shared/access/scope.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Device } from "../device.ts";
import { printReply } from "../link/print-reply.ts";
import { RELAY_VERSION } from "../version.ts";
import { waitUntilSettled } from "../wait-until.ts";
import { LOCAL, LocalWrites, type LocalRequest } from "./local-writes.ts";
import { SessionClock } from "./session-clock.ts";

/** Probes take 500 ms at most and hosts greet within 5 s; one that does not is shown as down. */
const FIRST_SCAN_WAIT_MS = 6_000;

export interface LocalCallsOptions {
  /** Not started yet: the first call does. */
  readonly device: Pick<Device, "instances" | "server" | "writes" | "start">;
  readonly config: Pick<Config, "confirmWrites">;
  readonly clock: Clock;
  /** 128 random bits in hex. */
  readonly newId: () => string;
}

export class LocalCalls implements FleetCalls {
  /** The device's file decides what may be written. */
  readonly scopes: readonly Scope[] = ["aimdb:write"];
  readonly nowMs: () => number;
  readonly #options: LocalCallsOptions;
  readonly #kept: Kept;
  /** Aborts when its caller went away. */
  readonly #gone: CallerSignal | undefined;

  constructor(options: LocalCallsOptions, kept = keptFor(options), gone?: CallerSignal) {
    this.#options = options;
    this.#kept = kept;
    this.#gone = gone;
    this.nowMs = () => kept.session.nowMs();
  }

  /** For one request, whose reads end with its caller. */
  until(gone: CallerSignal): LocalCalls {
    return new LocalCalls(this.#options, this.#kept, gone);
  }

  async instances({ record }: InstancesCall): Promise<InstanceOverview> {
    await this.#kept.open();
    const { instances, skipped } = this.#options.device.instances.announce();
    return {
      relayCount: 1,
      instances: instances.map((instance) => toRow(instance, record)),
      skipped: skipped.map(({ reason }) => ({ relay: LOCAL, reason })),
      failed: [],
    };
  }

  async call(call: FleetCall): Promise<Result<FleetAnswer, Failure>> {
    const name = localName(call.instance);
    return name.ok ? this.#call({ ...call, instance: name.value }) : name;
  }

  async drain(instanceId: string, query: DrainQuery): Promise<Result<DrainedBatch, Failure>> {
    const name = localName(instanceId);
    if (!name.ok) return name;
    return this.#kept.drains.drain(this.#ask, { principal: LOCAL, instance: name.value, ...query });
  }

  async subscribe(request: SubscribeRequest): Promise<Result<SubscriptionHandle, Failure>> {
    const name = localName(request.instance);
    if (!name.ok) return name;
    const { record, durationMs, maxEvents = null } = request;
    const opened = await this.#kept.desk.open(this.#ask, {
      principal: LOCAL,
      instance: name.value,
      record,
      durationMs,
      maxEvents,
    });
    if (!opened.ok) return opened;
    return ok({ ...opened.value, id: `${LOCAL}.${opened.value.id}` });
  }

  async readSubscription(id: string, read: SubscriptionQuery): Promise<Result<DeskBatch, Failure>> {
    const handle = localHandle(id);
    if (!handle.ok) return handle;
    const asked = { principal: LOCAL, id: handle.value, readId: this.#options.newId(), ...read };
    const batch = await this.#kept.desk.read(this.#ask, asked);
    if (!batch.ok) return batch;
    return ok({ ...batch.value, instance: localId(batch.value.instance) });
  }

  async unsubscribe(id: string): Promise<Result<UnsubscribeStatus, Failure>> {
    const handle = localHandle(id);
    return handle.ok ? this.#kept.desk.end(LOCAL, handle.value) : handle;
  }

  readonly #ask: AskRelay = (call) => this.#call(call);

  async write(instanceId: string, write: WriteRequest): Promise<Result<WriteReport, Failure>> {
    const name = localName(instanceId);
    return name.ok ? this.#kept.writes.write(name.value, write) : name;
  }

  answerWrite(callId: string, accepted: boolean): Promise<Result<WriteReport, Failure>> {
    return this.#kept.writes.answer(callId, accepted);
  }

  writeReport(callId: string): Promise<Result<WriteReport, Failure>> {
    return this.#kept.writes.report(callId);
  }

  /** `instance` is the name without the relay's. A read whose host connection broke is repeated once, on a new one. */
  async #call(call: FleetCall): Promise<Result<FleetAnswer, Failure>> {
    const { clock } = this.#options;
    const endsAtMs = clock.monotonicMs() + call.deadlineMs;
    const first = await this.#callOnce(call);
    if (first.ok || !isBrokenRead(first.error) || EFFECTS[call.method] !== "read") return first;
    return this.#callOnce({ ...call, deadlineMs: endsAtMs - clock.monotonicMs() });
  }

  async #callOnce({ deadlineMs, ...call }: FleetCall): Promise<Result<FleetAnswer, Failure>> {
    // Before the first scan is done there is nothing to cancel yet.
    await this.#kept.open();
    if (this.#isGone()) return err(CANCELLED);
    const { newId, device } = this.#options;
    const id = newId();
    const cancel = () => device.server.cancel(id);
    const isRead = EFFECTS[call.method] === "read";
    if (isRead) this.#gone?.addEventListener("abort", cancel);
    const reply = await this.#kept.ask(id, { deadlineMs, ...call });
    this.#gone?.removeEventListener("abort", cancel);
    if (reply === undefined) return err(this.#isGone() ? CANCELLED : ENDING);
    const value = valueOf(reply);
    const sessionStartedAtMs = this.#kept.session.startedAtMs();
    return value.ok ? ok({ value: value.value, sessionStartedAtMs }) : value;
  }

  #isGone(): boolean {
    return this.#gone?.aborted === true;
  }
}

/** What outlives a request. */
interface Kept {
  readonly session: SessionClock;
  readonly desk: SubscriptionDesk;
  readonly drains: DrainDesk;
  readonly writes: LocalWrites;
  readonly open: () => Promise<void>;
  readonly ask: (id: string, request: LocalRequest) => Promise<Reply | undefined>;
}

function keptFor(options: LocalCallsOptions): Kept {
  const { device, clock, newId } = options;
  const session = new SessionClock(clock);
  const nowMs = () => session.nowMs();
  let opening: Promise<void> | undefined;
  /** Waits until the first scan is done, which only the first callers have to. */
  const open = async () => {
    opening ??= device.start();
    await waitUntilSettled(opening, { clock, waitMs: FIRST_SCAN_WAIT_MS });
  };
  const ask: Kept["ask"] = async (id, { instance, method, params: given, deadlineMs }) => {
    await open();
    const params = jsonValueSchema.parse(given);
    const head = { t: "req", id, instance, principal: LOCAL } as const;
    const request = { ...head, deadline_ms: deadlineMs, method, params };
    const reply = await device.server.handle(request, session.startMs);
    return reply === undefined ? undefined : printReply(reply).reply;
  };
  const desk = { rows: new MemoryDeskRows(), nowMs, newId };
  const writes = new LocalWrites({
    ...options,
    writes: device.writes,
    nowMs,
    ask,
    sessionMs: () => clock.monotonicMs() - session.startMs,
  });
  const desks = { desk: new SubscriptionDesk(desk), drains: new DrainDesk(desk) };
  return { session, ...desks, writes, open, ask };
}

function valueOf({ ok: value, err: code, message = "The relay refused.", details }: Reply) {
  return code === undefined ? ok(value) : err(failure(code, message, details));
}

function localId(name: string): string {
  return formatInstanceId({ relay: LOCAL, name });
}

function localName(instanceId: string): Result<string, Failure> {
  const id = parseInstanceId(instanceId);
  return id?.relay === LOCAL ? ok(id.name) : err(UNKNOWN_INSTANCE);
}

/** `local.<handle>`. */
function localHandle(id: string): Result<string, Failure> {
  const [relay, handle] = id.split(".", 2);
  return relay === LOCAL && handle !== undefined ? ok(handle) : err(UNKNOWN_SUBSCRIPTION);
}

function toRow(
  { records, state, ...instance }: AnnouncedInstance,
  record: string | undefined,
): InstanceRow {
  return {
    ...instance,
    instance: localId(instance.name),
    relay: LOCAL,
    status: state,
    relayVersion: RELAY_VERSION,
    clockOffsetMs: 0,
    ...announcesRecord(records, record),
  };
}

const ENDING = failure("link_lost", "The server was told to end during the call.");
