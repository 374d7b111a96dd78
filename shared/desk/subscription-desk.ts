/** Opens, reads and ends subscriptions for the principals of one relay. */
import { failure, type Failure } from "../failure.ts";
import { err, ok, type Result } from "../result.ts";
import type { Cursor } from "../link/methods/samples-read.ts";
import type { DeskBatch } from "./desk-batch.ts";
import { askFittingSamples, askSamples, type AskRelay } from "./desk-call.ts";
import type { DeskRows, Subscription } from "./desk-rows.ts";
import {
  BAD_POSITION,
  isBehind,
  parsePosition,
  printPosition,
  type ReadingPosition,
} from "./reading-position.ts";

const MAX_SAMPLES_PER_READ = 10_000;

export const MAX_SUBSCRIPTIONS_PER_INSTANCE = 5;

/** A subscription ends this long after its last call, whatever its duration. */
export const IDLE_END_MS = 10 * 60_000;

/** The same for an id nobody has, another principal's and another team's. */
export const UNKNOWN_SUBSCRIPTION = failure(
  "unknown_subscription",
  "There is no such subscription, or it has ended.",
);

export interface OpenSubscription {
  readonly principal: string;
  readonly instance: string;
  readonly record: string;
  readonly durationMs: number;
  readonly maxEvents: number | null;
}

export interface ReadSubscription {
  readonly principal: string;
  readonly id: string;
  /** Random, and the same if the read is repeated because its answer was lost. */
  readonly readId: string;
  /** `next` of an earlier answer, to get what came after it again. Undefined: after the last sample delivered. */
  readonly after?: string | undefined;
  readonly waitMs: number;
  readonly maxBytes: number;
}

export class SubscriptionDesk {
  readonly #rows: DeskRows;
  readonly #nowMs: () => number;
  readonly #newId: () => string;
  /** Two reads of one subscription at a time would both get the same samples. */
  readonly #reading = new Map<string, Reading>();

  /** Ids are 128 random bits: a caller that knows one may continue it. */
  constructor(options: { rows: DeskRows; nowMs: () => number; newId: () => string }) {
    this.#rows = options.rows;
    this.#nowMs = options.nowMs;
    this.#newId = options.newId;
  }

  /** From now on: the first read of the record gives the cursor and finds out whether it can be watched. */
  async open(
    ask: AskRelay,
    { principal, instance, record, durationMs, maxEvents }: OpenSubscription,
  ): Promise<Result<{ readonly id: string; readonly recordKey: string }, Failure>> {
    const params = { record, wait_ms: 0, max_samples: 0, max_bytes: 1 };
    const opened = await askSamples(ask, instance, params);
    if (!opened.ok) return opened;
    const nowMs = this.#nowMs();
    // Ended ones are remembered as long, so that ending one twice is distinct from a wrong id.
    this.#rows.forgetSubscriptions(nowMs - IDLE_END_MS);
    const held = this.#rows.countActive({ principal, instance }, nowMs);
    if (held >= MAX_SUBSCRIPTIONS_PER_INSTANCE) return err(tooMany(held));
    const id = this.#newId();
    const { record_key, cursor } = opened.value.read;
    this.#rows.writeSubscription({
      id,
      principal,
      instance,
      record: record_key,
      cursor,
      eventsLeft: maxEvents,
      endsAtMs: nowMs + durationMs,
      usedAtMs: nowMs,
      ended: false,
      lastRead: null,
    });
    return ok({ id, recordKey: record_key });
  }

  async read(ask: AskRelay, request: ReadSubscription): Promise<Result<DeskBatch, Failure>> {
    const { id, principal, readId } = request;
    const row = this.#rows.readSubscription(id, principal);
    if (row === undefined || isForgotten(row, this.#nowMs())) return err(UNKNOWN_SUBSCRIPTION);
    const start = startOf(row, request);
    if (!start.ok) return start;
    if (start.value.type === "delivered") return this.#readDelivered(ask, start.value, request);
    const { subscription } = start.value;
    const underWay = this.#reading.get(id);
    if (underWay !== undefined)
      return underWay.readId === readId ? underWay.batch : err(BEING_READ);
    const batch = this.#readNext(ask, subscription, request);
    this.#reading.set(id, { readId, batch });
    try {
      return await batch;
    } finally {
      this.#reading.delete(id);
    }
  }

  end(principal: string, id: string): Result<"cancelled" | "already_ended", Failure> {
    const subscription = this.#rows.readSubscription(id, principal);
    if (subscription === undefined) return err(UNKNOWN_SUBSCRIPTION);
    const nowMs = this.#nowMs();
    const { ended, endsAtMs } = subscription;
    const isOver = ended || isForgotten(subscription, nowMs) || endsAtMs <= nowMs;
    this.#rows.writeSubscription({ ...subscription, ended: true, lastRead: null });
    return ok(isOver ? "already_ended" : "cancelled");
  }

  async #readNext(
    ask: AskRelay,
    subscription: Subscription,
    { readId, waitMs, maxBytes }: ReadSubscription,
  ): Promise<Result<DeskBatch, Failure>> {
    const { id, principal, instance, record, cursor, eventsLeft, endsAtMs } = subscription;
    const remainingMs = endsAtMs - this.#nowMs();
    const result = await askFittingSamples(ask, instance, {
      record,
      after: cursor,
      wait_ms: Math.max(0, Math.min(waitMs, remainingMs)),
      max_samples: Math.min(eventsLeft ?? MAX_SAMPLES_PER_READ, MAX_SAMPLES_PER_READ),
      max_bytes: maxBytes,
      until_in_ms: remainingMs,
    });
    if (!result.ok) return result;
    const { read, sessionStartedAtMs } = result.value;
    const nowMs = this.#nowMs();
    const left = eventsLeft === null ? null : eventsLeft - read.samples.length;
    const isSpent = left === 0 || (nowMs >= endsAtMs && !read.more);
    // Ended meanwhile by unsubscribe: what was read is given, and it stays ended.
    const isOver = isCancelled(this.#rows.readSubscription(id, principal));
    const complete = isSpent || isOver;
    this.#rows.writeSubscription({
      ...subscription,
      cursor: read.cursor,
      eventsLeft: left,
      usedAtMs: nowMs,
      ended: complete,
      lastRead: isOver ? null : { id: readId, cursor, eventsLeft },
    });
    const { record_key: recordKey, loss, samples, gaps } = read;
    const next = printPosition({ cursor: read.cursor, eventsLeft: left });
    return ok({ instance, recordKey, loss, samples, gaps, next, complete, sessionStartedAtMs });
  }

  /** For an ended one: what its last answers gave, and nothing that came later. */
  async #readDelivered(
    ask: AskRelay,
    { subscription, from }: Delivered,
    { maxBytes }: ReadSubscription,
  ): Promise<Result<DeskBatch, Failure>> {
    const { instance, record, cursor: end, usedAtMs } = subscription;
    const result = await askFittingSamples(ask, instance, {
      record,
      after: from.cursor,
      wait_ms: 0,
      max_samples: MAX_SAMPLES_PER_READ,
      max_bytes: maxBytes,
      until_in_ms: usedAtMs - this.#nowMs(),
    });
    if (!result.ok) return result;
    const { read, sessionStartedAtMs } = result.value;
    const { record_key: recordKey, loss, gaps } = read;
    const samples = read.samples.filter((sample) => !isBehind(sample, end));
    const isAll = !read.more || samples.length < read.samples.length || isSame(read.cursor, end);
    const next = printPosition({ ...from, cursor: read.cursor });
    const batch = { instance, recordKey, loss, samples, gaps, next, sessionStartedAtMs };
    return ok({ ...batch, complete: isAll });
  }
}

interface Delivered {
  readonly type: "delivered";
  readonly subscription: Subscription;
  readonly from: ReadingPosition;
}

type Start = { readonly type: "further"; readonly subscription: Subscription } | Delivered;

function startOf(row: Subscription, { readId, after }: ReadSubscription): Result<Start, Failure> {
  if (row.lastRead?.id === readId) {
    const { cursor, eventsLeft } = row.lastRead;
    return ok({ type: "further", subscription: { ...row, cursor, eventsLeft, ended: false } });
  }
  if (after === undefined) {
    return row.ended ? err(UNKNOWN_SUBSCRIPTION) : ok({ type: "further", subscription: row });
  }
  const from = parsePosition(after);
  // A read that began after what was delivered would miss samples without being told.
  if (from === undefined || isBehind(from.cursor, row.cursor)) return err(BAD_POSITION);
  return row.ended
    ? ok({ type: "delivered", subscription: row, from })
    : ok({ type: "further", subscription: { ...row, ...from } });
}

function isSame(one: Cursor, other: Cursor): boolean {
  return one.epoch === other.epoch && one.sequence === other.sequence;
}

interface Reading {
  readonly readId: string;
  readonly batch: Promise<Result<DeskBatch, Failure>>;
}

/** And not ended by what was read. */
function isCancelled(row: Subscription | undefined): boolean {
  return row === undefined || (row.ended && row.lastRead === null);
}

/** Reaching the end time is not the end yet: what was observed before it can still be fetched. */
function isForgotten({ usedAtMs }: Subscription, nowMs: number): boolean {
  return usedAtMs < nowMs - IDLE_END_MS;
}

function tooMany(held: number): Failure {
  return failure(
    "too_many_subscriptions",
    `You hold ${held} subscriptions on this instance, the most that are allowed.`,
  );
}

const BEING_READ = failure("conflict", "Another call is reading this subscription. Wait for it.");
