/**
 * How the instances of this machine are reached by a client beside them: as a worker's calls are, by
 * the same server and within the same bounds, without a link between.
 */
import { announcesRecord } from "#shared/announces-record.ts";
import type { FleetAnswer, FleetCall, FleetCalls } from "#shared/calling-fleet.ts";
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
  UnsubscribeStatus,
} from "#shared/fleet.ts";
import { formatInstanceId, parseInstanceId } from "#shared/instance-id.ts";
import { jsonValueSchema } from "#shared/json.ts";
import type { AnnouncedInstance } from "#shared/link/inventory.ts";
import type { Reply } from "#shared/link/request.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Scope } from "#shared/scope.ts";
import type { Clock } from "../clock.ts";
import type { InstanceSet } from "../instances/instance-set.ts";
import type { Server } from "../link/serve.ts";
import { RELAY_VERSION } from "../version.ts";
import { waitUntil } from "../wait-until.ts";
import { SessionClock } from "./session-clock.ts";

/** What a relay is called, and who asks, where both are one process. */
export const LOCAL = "local";

/** Probes take 500 ms at most and hosts greet within 5 s; one that does not is shown as down. */
const FIRST_SCAN_WAIT_MS = 6_000;

export interface LocalCallsOptions {
  /** Not started yet: the first call does. */
  readonly instances: InstanceSet;
  readonly server: Server;
  readonly clock: Clock;
  /** 128 random bits in hex. */
  readonly newId: () => string;
}

export class LocalCalls implements FleetCalls {
  /** The device's file decides what may be written. */
  readonly scopes: readonly Scope[] = ["aimdb:write"];
  readonly nowMs: () => number;
  readonly newCallId: () => string;
  readonly #options: LocalCallsOptions;
  readonly #session: SessionClock;
  readonly #desk: SubscriptionDesk;
  readonly #drains: DrainDesk;
  #opening: Promise<void> | undefined;

  constructor(options: LocalCallsOptions) {
    this.#options = options;
    this.newCallId = options.newId;
    this.#session = new SessionClock(options.clock);
    this.nowMs = () => this.#session.nowMs();
    const desk = { rows: new MemoryDeskRows(), nowMs: this.nowMs, newId: options.newId };
    this.#desk = new SubscriptionDesk(desk);
    this.#drains = new DrainDesk(desk);
  }

  async instances({ record }: { record?: string | undefined }): Promise<InstanceOverview> {
    await this.#open();
    const { instances, skipped } = this.#options.instances.announce();
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
    return this.#drains.drain(this.#ask, { principal: LOCAL, instance: name.value, ...query });
  }

  async subscribe(request: SubscribeRequest): Promise<Result<SubscriptionHandle, Failure>> {
    const name = localName(request.instance);
    if (!name.ok) return name;
    const { record, durationMs, maxEvents = null } = request;
    const opened = await this.#desk.open(this.#ask, {
      principal: LOCAL,
      instance: name.value,
      record,
      durationMs,
      maxEvents,
    });
    if (!opened.ok) return opened;
    return ok({ ...opened.value, id: `${LOCAL}.${opened.value.id}` });
  }

  async readSubscription(
    id: string,
    read: { readonly waitMs: number; readonly maxBytes: number },
  ): Promise<Result<DeskBatch, Failure>> {
    const handle = localHandle(id);
    if (!handle.ok) return handle;
    const batch = await this.#desk.read(this.#ask, { principal: LOCAL, id: handle.value, ...read });
    if (!batch.ok) return batch;
    return ok({ ...batch.value, instance: localId(batch.value.instance) });
  }

  async unsubscribe(id: string): Promise<Result<UnsubscribeStatus, Failure>> {
    const handle = localHandle(id);
    return handle.ok ? this.#desk.end(LOCAL, handle.value) : handle;
  }

  readonly #ask: AskRelay = (call) => this.#call(call);

  /** `instance` is the name without the relay's. */
  async #call({
    instance,
    method,
    params,
    deadlineMs,
    callId = this.newCallId(),
  }: FleetCall): Promise<Result<FleetAnswer, Failure>> {
    await this.#open();
    const reply = await this.#options.server.handle(
      {
        t: "req",
        id: callId,
        instance,
        principal: LOCAL,
        deadline_ms: deadlineMs,
        method,
        params: jsonValueSchema.parse(params),
      },
      this.#session.startMs,
    );
    const sessionStartedAtMs = this.#session.startedAtMs();
    const value = reply === undefined ? err(ENDING) : valueOf(reply);
    if (value.ok) return ok({ value: value.value, sessionStartedAtMs });
    const { code, message } = value.error;
    if (method !== "record.set" || code !== "internal") return value;
    return ok({ value: unknownWrite(code, message), sessionStartedAtMs });
  }

  /** Waits until the first scan is done, which only the first callers have to. */
  async #open(): Promise<void> {
    const { instances, clock } = this.#options;
    const opening = (this.#opening ??= instances.start());
    await waitUntil({ clock, waitMs: FIRST_SCAN_WAIT_MS }, (finish) => {
      opening.then(finish, finish);
      return () => {};
    });
  }
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

const UNKNOWN_INSTANCE = failure(
  "unknown_instance",
  "There is no such instance. Call discover_instances.",
);
const ENDING = failure("link_lost", "The server was told to end during the call.");
