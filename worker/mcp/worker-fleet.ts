/** The fleet of one principal, through relay objects and links. Made per request, kept by nobody. */
import type * as z from "zod/mini";
import { failure, type Failure } from "#shared/failure.ts";
import type {
  Fleet,
  InstanceOverview,
  RecordPage,
  RecordPageQuery,
  RecordReading,
  SubscribeRequest,
  SubscriptionBatch,
  SubscriptionHandle,
  UnsubscribeStatus,
  WriteResult,
} from "#shared/fleet.ts";
import { parseInstanceId } from "#shared/instance-id.ts";
import type { JsonValue } from "#shared/json.ts";
import { METHODS, type Method, type WriteOutcome } from "#shared/link/method.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Scope } from "#shared/scope.ts";
import type { Principal } from "../auth/principal.ts";
import { randomHex } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { readTwice } from "../read-twice.ts";
import type { CallRequest, CallResult } from "../relay/rpc.ts";
import { relayOf } from "../relay/stub.ts";
import { UNKNOWN_SUBSCRIPTION } from "../relay/subscriptions.ts";
import { teamOf } from "../team/stub.ts";
import { readFleet } from "./fleet-overview.ts";
import { toTimedSample } from "./timed-sample.ts";

/** Clients give up at 60 s, some sooner. */
const READ_DEADLINE_MS = 15_000;
const WRITE_DEADLINE_MS = 20_000;

interface Addressed {
  /** The relay object's id. */
  readonly relay: string;
  readonly relayName: string;
  /** The instance's name at its relay. */
  readonly instance: string;
}

interface Ask {
  readonly instanceId: string;
  readonly method: Method;
  readonly params: unknown;
  readonly deadlineMs: number;
  readonly callId?: string;
}

interface Answer<T> {
  readonly value: T;
  readonly sessionStartedAtMs: number;
}

export class WorkerFleet implements Fleet {
  readonly scopes: readonly Scope[];
  readonly #env: Env;
  readonly #principal: Principal;

  constructor(env: Env, principal: Principal) {
    this.#env = env;
    this.#principal = principal;
    this.scopes = principal.scopes;
  }

  instances(query: { record?: string | undefined }): Promise<InstanceOverview> {
    return readFleet(this.#env, this.#principal.team, query.record);
  }

  async listRecords(
    instanceId: string,
    { offset, limit, writableOnly }: RecordPageQuery,
  ): Promise<Result<RecordPage, Failure>> {
    const params = { offset, limit, writable_only: writableOnly };
    const answer = await this.#ask(
      { instanceId, method: "record.list", params, deadlineMs: READ_DEADLINE_MS },
      METHODS["record.list"].result,
    );
    if (!answer.ok) return answer;
    const { records, total, next_offset } = answer.value.value;
    return ok({ records, total, nextOffset: next_offset });
  }

  async getRecord(instanceId: string, record: string): Promise<Result<RecordReading, Failure>> {
    const answer = await this.#ask(
      { instanceId, method: "record.get", params: { record }, deadlineMs: READ_DEADLINE_MS },
      METHODS["record.get"].result,
    );
    if (!answer.ok) return answer;
    const { value, sessionStartedAtMs } = answer.value;
    const sample = toTimedSample(value.sample, sessionStartedAtMs, Date.now());
    return ok({ recordKey: value.record_key, loss: value.loss, sample });
  }

  /** One attempt. What can't be known is called unknown. */
  async setRecord(instanceId: string, record: string, value: JsonValue): Promise<WriteResult> {
    const callId = randomHex(16);
    const params = { record, value };
    const answer = await this.#ask(
      { instanceId, method: "record.set", params, deadlineMs: WRITE_DEADLINE_MS, callId },
      METHODS["record.set"].result,
    );
    const outcome = answer.ok ? answer.value.value : outcomeOf(answer.error);
    return { callId, timestamp: new Date().toISOString(), outcome };
  }

  async subscribe(request: SubscribeRequest): Promise<Result<SubscriptionHandle, Failure>> {
    const addressed = await this.#address(request.instance);
    if (!addressed.ok) return addressed;
    const { relay, relayName, instance } = addressed.value;
    const { record, durationMs, maxEvents = null } = request;
    const principal = this.#principal;
    const opened = await reach(() =>
      relayOf(this.#env, relay).subscribe({ principal, instance, record, durationMs, maxEvents }),
    );
    if (!opened.ok) return opened;
    const result = opened.value;
    if (!result.ok) return err(result.failure);
    return ok({ id: `${relayName}.${result.id}`, recordKey: result.recordKey });
  }

  async readSubscription(
    id: string,
    read: { waitMs: number; maxBytes: number },
  ): Promise<Result<SubscriptionBatch, Failure>> {
    const found = await this.#findSubscription(id);
    if (!found.ok) return found;
    const { relay, relayName, handle } = found.value;
    const request = { principal: this.#principal, id: handle, ...read };
    const reading = await reach(() =>
      readTwice(() => relayOf(this.#env, relay).readSubscription(request)),
    );
    if (!reading.ok) return reading;
    const result = reading.value;
    if (!result.ok) return err(result.failure);
    const { instance, samples, sessionStartedAtMs, ...batch } = result.batch;
    const nowMs = Date.now();
    return ok({
      ...batch,
      instance: `${relayName}/${instance}`,
      samples: samples.map((sample) => toTimedSample(sample, sessionStartedAtMs, nowMs)),
    });
  }

  async unsubscribe(id: string): Promise<Result<UnsubscribeStatus, Failure>> {
    const found = await this.#findSubscription(id);
    if (!found.ok) return found;
    const { relay, handle } = found.value;
    const request = { principal: this.#principal, id: handle };
    const ending = await reach(() =>
      readTwice(() => relayOf(this.#env, relay).unsubscribe(request)),
    );
    if (!ending.ok) return ending;
    return ending.value.ok ? ok(ending.value.status) : err(ending.value.failure);
  }

  async #ask<S extends z.ZodMiniType>(
    { instanceId, method, params, deadlineMs, callId: id = randomHex(16) }: Ask,
    resultSchema: S,
  ): Promise<Result<Answer<z.infer<S>>, Failure>> {
    const addressed = await this.#address(instanceId);
    if (!addressed.ok) return addressed;
    const { relay, instance } = addressed.value;
    const principal = this.#principal;
    const request = { principal, id, instance, method, params, deadlineMs };
    const called = await (method === "record.set"
      ? this.#callOnce(relay, request)
      : reach(() => this.#callTwice(relay, request)));
    if (!called.ok) return called;
    const result = called.value;
    if (!result.ok) return err(result.failure);
    const value = resultSchema.safeParse(result.value);
    if (!value.success) return err(MALFORMED);
    return ok({ value: value.data, sessionStartedAtMs: result.sessionStartedAtMs });
  }

  /** Another team's instance is looked up in this principal's own team, so it is just not there. */
  async #address(instanceId: string): Promise<Result<Addressed, Failure>> {
    const id = parseInstanceId(instanceId);
    const relay = id === undefined ? undefined : await this.#findRelay(id.relay);
    if (id === undefined || relay === undefined) return err(UNKNOWN_INSTANCE);
    return ok({ relay, relayName: id.relay, instance: id.name });
  }

  async #findRelay(name: string): Promise<string | undefined> {
    const team = this.#principal.team;
    const objectId = await readTwice(async () => teamOf(this.#env, team)?.relay(name));
    return objectId ?? undefined;
  }

  #callTwice(relay: string, request: CallRequest): Promise<CallResult> {
    return readTwice(() => relayOf(this.#env, relay).call({ ...request, id: randomHex(16) }));
  }

  /** For a write, which may have been sent when its object was reset. */
  async #callOnce(relay: string, request: CallRequest): Promise<Result<CallResult, Failure>> {
    const called = await reach(() => relayOf(this.#env, relay).call(request));
    return called.ok ? called : ok({ ok: true, value: RESET, sessionStartedAtMs: 0 });
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

/** What a rule refused, wherever it stands; everything else that was not sent is `not_applied`. */
const REFUSALS: ReadonlySet<Failure["code"]> = new Set([
  "insufficient_scope",
  "refused_by_device",
  "refused_by_host",
  "rate_limited",
]);

/** An answer that can't be read says nothing of what was done. */
function outcomeOf(reason: Failure): WriteOutcome {
  if (reason === MALFORMED) return { outcome: "unknown", ...reason };
  return { outcome: REFUSALS.has(reason.code) ? "refused" : "not_applied", ...reason };
}

const RESET: WriteOutcome = {
  outcome: "unknown",
  code: "internal",
  message:
    "The worker lost the call. The write may have been executed: read the record before writing again.",
};
const LOST = failure("internal", "The worker lost the call. Nothing was changed: ask again.");
const MALFORMED = failure("internal", "The relay answered in a form this worker does not know.");
const UNKNOWN_INSTANCE = failure(
  "unknown_instance",
  "There is no such instance. Call discover_instances.",
);
