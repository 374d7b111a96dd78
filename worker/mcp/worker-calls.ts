/** How the fleet of one principal is reached: through relay objects and links. Made per request, kept by nobody. */
import type { DeskBatch, DrainedBatch } from "#shared/desk/desk-batch.ts";
import { UNKNOWN_SUBSCRIPTION } from "#shared/desk/subscription-desk.ts";
import { failure, type Failure } from "#shared/failure.ts";
import type { FleetAnswer, FleetCall, FleetCalls } from "#shared/calling-fleet.ts";
import type {
  DrainQuery,
  InstanceOverview,
  SubscribeRequest,
  SubscriptionHandle,
  UnsubscribeStatus,
  WriteReport,
  WriteRequest,
} from "#shared/fleet.ts";
import { parseInstanceId } from "#shared/instance-id.ts";
import { EFFECTS } from "#shared/link/method.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Scope } from "#shared/scope.ts";
import { notWritten } from "#shared/write-outcome.ts";
import type { NamedRelay } from "../auth/authenticate.ts";
import type { Principal } from "../auth/principal.ts";
import { randomHex } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { readTwice } from "../read-twice.ts";
import { toObjectId } from "../object-namespace.ts";
import type { CallRequest, CallResult, WriteCall, WriteResult } from "../relay/rpc.ts";
import { relayOf } from "../relay/stub.ts";
import { parseCallId } from "../relay/write-report.ts";
import { teamOf } from "../team/stub.ts";
import { readFleet } from "./fleet-overview.ts";

interface Addressed {
  /** The relay object's id. */
  readonly relay: string;
  readonly relayName: string;
  /** The instance's name at its relay. */
  readonly instance: string;
}

export class WorkerCalls implements FleetCalls {
  readonly scopes: readonly Scope[];
  readonly nowMs = Date.now;
  readonly #env: Env;
  readonly #principal: Principal;
  /** For the first look only: a stream outlives what was found when it began. */
  #named: NamedRelay | undefined;

  constructor(env: Env, principal: Principal, named?: NamedRelay) {
    this.#env = env;
    this.#principal = principal;
    this.#named = named;
    this.scopes = principal.scopes;
  }

  instances(query: { record?: string | undefined }): Promise<InstanceOverview> {
    return readFleet(this.#env, this.#principal.team, query.record);
  }

  async call(call: FleetCall): Promise<Result<FleetAnswer, Failure>> {
    const addressed = await this.#address(call.instance);
    if (!addressed.ok) return addressed;
    const { relay, instance } = addressed.value;
    const { method, params, deadlineMs } = call;
    const id = randomHex(16);
    const request = { principal: this.#principal, id, instance, method, params, deadlineMs };
    const called = await this.#callBy(relay, request);
    if (!called.ok) return called;
    const result = called.value;
    if (!result.ok) return err(result.failure);
    const { value, sessionStartedAtMs, staleSince } = result;
    return ok({ value, sessionStartedAtMs, staleSince });
  }

  async subscribe(request: SubscribeRequest): Promise<Result<SubscriptionHandle, Failure>> {
    const addressed = await this.#address(request.instance);
    if (!addressed.ok) return addressed;
    const { relay, relayName, instance } = addressed.value;
    const { record, durationMs, maxEvents = null } = request;
    const principal = this.#principal;
    const opened = await reach(() =>
      this.#object(relay).subscribe({ principal, instance, record, durationMs, maxEvents }),
    );
    if (!opened.ok) return opened;
    const result = opened.value;
    if (!result.ok) return err(result.failure);
    return ok({ id: `${relayName}.${result.id}`, recordKey: result.recordKey });
  }

  async readSubscription(
    id: string,
    read: { readonly waitMs: number; readonly maxBytes: number },
  ): Promise<Result<DeskBatch, Failure>> {
    const found = await this.#findSubscription(id);
    if (!found.ok) return found;
    const { relay, relayName, handle } = found.value;
    const request = { principal: this.#principal, id: handle, ...read };
    const reading = await reach(() =>
      readTwice(() => this.#object(relay).readSubscription(request)),
    );
    if (!reading.ok) return reading;
    const result = reading.value;
    if (!result.ok) return err(result.failure);
    return ok({ ...result.batch, instance: `${relayName}/${result.batch.instance}` });
  }

  async unsubscribe(id: string): Promise<Result<UnsubscribeStatus, Failure>> {
    const found = await this.#findSubscription(id);
    if (!found.ok) return found;
    const { relay, handle } = found.value;
    const request = { principal: this.#principal, id: handle };
    const ending = await reach(() => readTwice(() => this.#object(relay).unsubscribe(request)));
    if (!ending.ok) return ending;
    return ending.value.ok ? ok(ending.value.status) : err(ending.value.failure);
  }

  /** Once. When its object is reset meanwhile, the row it left knows more. */
  async write(instanceId: string, write: WriteRequest): Promise<Result<WriteReport, Failure>> {
    const addressed = await this.#address(instanceId);
    if (!addressed.ok) return addressed;
    const { relay, instance } = addressed.value;
    const call = { ...write, principal: this.#principal, id: randomHex(16), instance };
    const written = await reach(() => this.#object(relay).write(call));
    if (written.ok) return toReport(written.value);
    const known = await this.#readReport(relay, call.id);
    return known.ok ? known : ok(lostWrite(relay, call, known.error));
  }

  async writeReport(callId: string): Promise<Result<WriteReport, Failure>> {
    const { relay, id } = parseCallId(callId);
    return relay === undefined ? err(UNKNOWN_CALL) : this.#readReport(relay, id);
  }

  /** Not repeated: a yes executes the write. */
  async answerWrite(callId: string, accepted: boolean): Promise<Result<WriteReport, Failure>> {
    const { relay, id } = parseCallId(callId);
    if (relay === undefined || toObjectId(this.#env.RELAY, relay) === undefined) {
      return err(UNKNOWN_CALL);
    }
    const request = { principal: this.#principal, id, accepted };
    const answered = await reach(() => this.#object(relay).answerWrite(request));
    return answered.ok ? toReport(answered.value) : this.#readReport(relay, id);
  }

  async #readReport(relay: string, id: string): Promise<Result<WriteReport, Failure>> {
    if (toObjectId(this.#env.RELAY, relay) === undefined) return err(UNKNOWN_CALL);
    const query = { principal: this.#principal, id };
    const read = await reach(() => readTwice(() => this.#object(relay).writeReport(query)));
    return read.ok ? toReport(read.value) : read;
  }

  /** Once: it moves the principal's cursor. */
  async drain(instanceId: string, query: DrainQuery): Promise<Result<DrainedBatch, Failure>> {
    const addressed = await this.#address(instanceId);
    if (!addressed.ok) return addressed;
    const { relay, instance } = addressed.value;
    const request = { principal: this.#principal, instance, ...query };
    const drained = await reach(() => this.#object(relay).drain(request));
    if (!drained.ok) return drained;
    return drained.value.ok ? ok(drained.value.drained) : err(drained.value.failure);
  }

  /** Another team's instance is looked up in this principal's own team, so it is just not there. */
  async #address(instanceId: string): Promise<Result<Addressed, Failure>> {
    const id = parseInstanceId(instanceId);
    const relay = id === undefined ? undefined : await this.#findRelay(id.relay);
    if (id === undefined || relay === undefined) return err(UNKNOWN_INSTANCE);
    return ok({ relay, relayName: id.relay, instance: id.name });
  }

  async #findRelay(name: string): Promise<string | undefined> {
    const named = this.#named;
    this.#named = undefined;
    if (named?.name === name) return named.id ?? undefined;
    const team = this.#principal.team;
    const objectId = await readTwice(async () => teamOf(this.#env, team)?.relay(name));
    return objectId ?? undefined;
  }

  #object(relay: string): ReturnType<typeof relayOf> {
    return relayOf(this.#env, relay);
  }

  /** Only a read is asked again: the rest may have been done when its object was reset. */
  async #callBy(relay: string, request: CallRequest): Promise<Result<CallResult, Failure>> {
    switch (EFFECTS[request.method]) {
      case "read":
        return reach(() =>
          readTwice(() => this.#object(relay).call({ ...request, id: randomHex(16) })),
        );
      case "take":
      case "write":
        return reach(() => this.#object(relay).call(request));
    }
  }

  /** `<relay>.<handle>`. */
  async #findSubscription(
    id: string,
  ): Promise<Result<{ relay: string; relayName: string; handle: string }, Failure>> {
    const [relayName = "", handle = ""] = id.split(".", 2);
    const relay = await this.#findRelay(relayName);
    return relay === undefined ? err(UNKNOWN_SUBSCRIPTION) : ok({ relay, relayName, handle });
  }
}

async function reach<T>(ask: () => Promise<T>): Promise<Result<T, Failure>> {
  try {
    return ok(await ask());
  } catch (error) {
    logEvent("error", "relay_object_lost", { reason: String(error) });
    return err(LOST);
  }
}

function toReport(result: WriteResult): Result<WriteReport, Failure> {
  return result.ok ? ok(result.report) : err(result.failure);
}

/** Without a row nothing was begun; where it can't be read, nothing is known. */
function lostWrite(relay: string, call: WriteCall, { code }: Failure): WriteReport {
  const { id, instance, record } = call;
  return {
    callId: `${relay}.${id}`,
    instance,
    record,
    timestamp: new Date().toISOString(),
    status: "ended",
    outcome: code === "unknown_call" ? NOT_BEGUN : UNKNOWN,
  };
}

const NOT_BEGUN = notWritten(
  failure("internal", "The worker lost the call before the write was begun. Nothing was changed."),
);
const UNKNOWN = unknownWrite("internal", "The worker lost the call. Ask get_write_outcome later.");

const LOST = failure("internal", "The worker lost the call. Nothing was changed: ask again.");
const UNKNOWN_CALL = failure("unknown_call", "There is no write with this call id.");
const UNKNOWN_INSTANCE = failure(
  "unknown_instance",
  "There is no such instance. Call discover_instances.",
);
