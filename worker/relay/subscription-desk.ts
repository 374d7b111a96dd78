/** Opens, reads and ends subscriptions for the principals of one relay. */
import { failure, type Failure } from "#shared/failure.ts";
import { METHODS, type MethodResult } from "#shared/link/method.ts";
import type { LinkSample } from "#shared/link/sample.ts";
import type { Principal } from "../auth/principal.ts";
import { randomHex } from "../auth/secret.ts";
import type { Sql } from "../storage/migrate.ts";
import type {
  CallRequest,
  CallResult,
  Failed,
  ReadRequest,
  ReadResult,
  SubscribeRequest,
  SubscribeResult,
  UnsubscribeRequest,
  UnsubscribeResult,
} from "./rpc.ts";
import {
  countActive,
  forgetOldSubscriptions,
  IDLE_END_MS,
  MAX_SUBSCRIPTIONS_PER_INSTANCE,
  readSubscription,
  UNKNOWN_SUBSCRIPTION,
  writeSubscription,
  type Subscription,
} from "./subscriptions.ts";

/** Beside the wait itself, for the relay to answer. */
const READ_DEADLINE_MS = 5_000;
const MAX_SAMPLES_PER_READ = 10_000;

type SamplesRead = MethodResult<"samples.read">;

export class SubscriptionDesk {
  readonly #sql: Sql;
  readonly #call: (request: CallRequest) => Promise<CallResult>;
  /** Two reads of one subscription at a time would both get the same samples. */
  readonly #reading = new Set<string>();

  constructor(sql: Sql, call: (request: CallRequest) => Promise<CallResult>) {
    this.#sql = sql;
    this.#call = call;
  }

  /** From now on: the first read of the record gives the cursor and finds out whether it can be watched. */
  async subscribe(request: SubscribeRequest, nowMs: number): Promise<SubscribeResult> {
    const { principal, instance, record, durationMs, maxEvents } = request;
    const opened = await this.#samples(principal, instance, {
      record,
      wait_ms: 0,
      max_samples: 0,
      max_bytes: 1,
    });
    if (!opened.ok) return opened;
    forgetOldSubscriptions(this.#sql, nowMs);
    const held = countActive(this.#sql, { principal: principal.id, instance }, nowMs);
    if (held >= MAX_SUBSCRIPTIONS_PER_INSTANCE) {
      return refuse(
        "too_many_subscriptions",
        `You hold ${held} subscriptions on this instance, as many as there may be.`,
      );
    }
    const id = randomHex(16);
    const { record_key, cursor } = opened.read;
    writeSubscription(this.#sql, {
      id,
      principal: principal.id,
      instance,
      record: record_key,
      cursor,
      eventsLeft: maxEvents,
      endsAtMs: nowMs + durationMs,
      usedAtMs: nowMs,
      ended: false,
    });
    return { ok: true, id, recordKey: record_key };
  }

  async read(request: ReadRequest): Promise<ReadResult> {
    const { id, principal } = request;
    const subscription = readSubscription(this.#sql, id, principal.id);
    if (subscription === undefined || hasEnded(subscription, Date.now())) {
      return { ok: false, failure: UNKNOWN_SUBSCRIPTION };
    }
    if (this.#reading.has(id)) {
      return refuse("conflict", "Another call is reading this subscription. Wait for it.");
    }
    this.#reading.add(id);
    try {
      return await this.#readNext(subscription, request);
    } finally {
      this.#reading.delete(id);
    }
  }

  unsubscribe({ id, principal }: UnsubscribeRequest, nowMs: number): UnsubscribeResult {
    const subscription = readSubscription(this.#sql, id, principal.id);
    if (subscription === undefined) return { ok: false, failure: UNKNOWN_SUBSCRIPTION };
    const isOver = hasEnded(subscription, nowMs) || subscription.endsAtMs <= nowMs;
    writeSubscription(this.#sql, { ...subscription, ended: true });
    return { ok: true, status: isOver ? "already_ended" : "cancelled" };
  }

  async #readNext(
    subscription: Subscription,
    { principal, waitMs, maxBytes }: ReadRequest,
  ): Promise<ReadResult> {
    const { instance, record, cursor, eventsLeft, endsAtMs } = subscription;
    const remainingMs = endsAtMs - Date.now();
    const params = {
      record,
      after: cursor,
      wait_ms: Math.max(0, Math.min(waitMs, remainingMs)),
      max_samples: eventsLeft ?? MAX_SAMPLES_PER_READ,
      max_bytes: maxBytes,
      until_in_ms: remainingMs,
    };
    const first = await this.#samples(principal, instance, params);
    if (!first.ok) return first;
    // A relay counts about; what does not fit is left for the next read, its gaps with it.
    const max_samples = countFitting(first.read.samples, maxBytes);
    const fits = max_samples === first.read.samples.length;
    const shorter = { ...params, wait_ms: 0, max_samples };
    const result = fits ? first : await this.#samples(principal, instance, shorter);
    if (!result.ok) return result;
    const { read, sessionStartedAtMs } = result;
    const nowMs = Date.now();
    const left = eventsLeft === null ? null : eventsLeft - read.samples.length;
    const complete = left === 0 || (nowMs >= endsAtMs && !read.more);
    // Ended meanwhile by unsubscribe: what was read is given, the end stays.
    const ended = readSubscription(this.#sql, subscription.id, principal.id)?.ended ?? true;
    writeSubscription(this.#sql, {
      ...subscription,
      cursor: read.cursor,
      eventsLeft: left,
      usedAtMs: nowMs,
      ended: ended || complete,
    });
    const { record_key: recordKey, loss, samples, gaps } = read;
    return {
      ok: true,
      batch: {
        instance,
        recordKey,
        loss,
        samples,
        gaps,
        complete: ended || complete,
        sessionStartedAtMs,
      },
    };
  }

  async #samples(
    principal: Principal,
    instance: string,
    params: { wait_ms: number } & Record<string, unknown>,
  ): Promise<{ ok: true; read: SamplesRead; sessionStartedAtMs: number } | Failed> {
    const result = await this.#call({
      principal,
      id: randomHex(16),
      instance,
      method: "samples.read",
      params,
      deadlineMs: params.wait_ms + READ_DEADLINE_MS,
    });
    if (!result.ok) return result;
    const read = METHODS["samples.read"].result.safeParse(result.value);
    if (!read.success) {
      return refuse("internal", "The relay answered in a form this worker does not know.");
    }
    return { ok: true, read: read.data, sessionStartedAtMs: result.sessionStartedAtMs };
  }
}

/** What a sample's time takes more in an answer than on the link. */
const TIME_BYTES = 30;

const encoder = new TextEncoder();

/** At least one, so that reading moves on. */
function countFitting(samples: readonly LinkSample[], maxBytes: number): number {
  let bytes = 0;
  const end = samples.findIndex((sample, i) => {
    bytes += encoder.encode(JSON.stringify(sample)).length + TIME_BYTES;
    return i > 0 && bytes > maxBytes;
  });
  return end === -1 ? samples.length : end;
}

/** Reaching the end time is not the end yet: what was observed before it can still be fetched. */
function hasEnded({ ended, usedAtMs }: Subscription, nowMs: number): boolean {
  return ended || usedAtMs < nowMs - IDLE_END_MS;
}

function refuse(code: Failure["code"], message: string): Failed {
  return { ok: false, failure: failure(code, message) };
}
