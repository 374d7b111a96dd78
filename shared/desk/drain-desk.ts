/**
 * Drains with a cursor for each principal, over the samples that the relay keeps: nobody takes another's backlog. The
 * host's own drain answers only for a record that can't be observed.
 */
import type { Cursor } from "../link/methods/samples-read.ts";
import { failure, type Failure } from "../failure.ts";
import { METHODS } from "../link/method.ts";
import { err, ok, type Result } from "../result.ts";
import type { DrainedBatch } from "./desk-batch.ts";
import {
  askFittingSamples,
  askSamples,
  MALFORMED,
  type AskRelay,
  type ReadSamples,
} from "./desk-call.ts";
import type { DeskRows, DrainCursor } from "./desk-rows.ts";
import { BAD_POSITION, isBehind, parsePosition, printPosition } from "./reading-position.ts";
import { safeParse } from "../parse/safe-parse.ts";

/** A cursor unused for this long is forgotten; the next drain is a first one again. */
export const DRAIN_KEPT_MS = 7 * 86_400_000;

const DRAIN_DEADLINE_MS = 10_000;

/** In place of a `next`, for a caller that never got one: its first answer was lost. */
export const OLDEST = "oldest";

export interface Drain {
  readonly principal: string;
  readonly instance: string;
  readonly record: string;
  /**
   * `next` of an earlier drain or OLDEST, to get what came after it again. Undefined: after the last sample drained.
   */
  readonly after?: string | undefined;
  readonly maxSamples: number;
  readonly maxBytes: number;
}

export class DrainDesk {
  readonly #rows: DeskRows;
  readonly #nowMs: () => number;
  /** Two drains at a time would both get the same samples. */
  readonly #draining = new Set<string>();

  constructor(options: { rows: DeskRows; nowMs: () => number }) {
    this.#rows = options.rows;
    this.#nowMs = options.nowMs;
  }

  async drain(ask: AskRelay, request: Drain): Promise<Result<DrainedBatch, Failure>> {
    const { principal, instance } = request;
    const found = await this.#find(ask, request);
    if (!found.ok) {
      return OBSERVED_BY_NOBODY.has(found.error.code)
        ? drainAtHost(ask, request, found.error)
        : found;
    }
    const key = JSON.stringify([principal, instance, found.value.record]);
    if (this.#draining.has(key)) return err(BEING_DRAINED);
    this.#draining.add(key);
    try {
      return await this.#read(ask, request, found.value);
    } finally {
      this.#draining.delete(key);
    }
  }

  /** A type name is resolved by the relay, and the cursor is the key's. */
  async #find(
    ask: AskRelay,
    { principal, instance, record }: Drain,
  ): Promise<Result<Place, Failure>> {
    const known = this.#rows.readDrain({ principal, instance, record });
    if (known !== undefined) return ok({ record, last: known });
    const params = { record, wait_ms: 0, max_samples: 0, max_bytes: 1 };
    const looked = await askSamples(ask, instance, params);
    if (!looked.ok) return looked;
    const key = looked.value.read.record_key;
    return ok({
      record: key,
      last: this.#rows.readDrain({ principal, instance, record: key }),
    });
  }

  async #read(
    ask: AskRelay,
    { principal, instance, after, maxSamples, maxBytes }: Drain,
    { record, last }: Place,
  ): Promise<Result<DrainedBatch, Failure>> {
    const begun = beginOf(after, last);
    if (!begun.ok) return begun;
    const begin = begun.value;
    const start = begin === undefined ? { from: "oldest" as const } : { after: begin };
    const bounds = { wait_ms: 0, max_samples: maxSamples, max_bytes: maxBytes };
    const result = await askFittingSamples(ask, instance, { record, ...start, ...bounds });
    if (!result.ok) return result;
    const nowMs = this.#nowMs();
    this.#rows.forgetDrains(nowMs - DRAIN_KEPT_MS);
    const { cursor } = result.value.read;
    this.#rows.writeDrain({ principal, instance, record, cursor, usedAtMs: nowMs });
    return ok(toBatch(result.value, begin === undefined && after === undefined));
  }
}

/** Undefined: begin with the oldest sample kept. */
function beginOf(
  after: string | undefined,
  last: DrainCursor | undefined,
): Result<Cursor | undefined, Failure> {
  if (after === undefined) return ok(last?.cursor);
  if (after === OLDEST) return ok(undefined);
  const named = parsePosition(after)?.cursor;
  const isAhead = named !== undefined && last !== undefined && isBehind(named, last.cursor);
  return named === undefined || isAhead ? err(BAD_POSITION) : ok(named);
}

interface Place {
  /** The key. */
  readonly record: string;
  readonly last: DrainCursor | undefined;
}

/** The host has no place for one more subscription. A mailbox is refused either way. */
const OBSERVED_BY_NOBODY: ReadonlySet<Failure["code"]> = new Set(["too_many_subscriptions"]);

async function drainAtHost(
  ask: AskRelay,
  { instance, record, maxSamples, maxBytes }: Drain,
  reason: Failure,
): Promise<Result<DrainedBatch, Failure>> {
  const params = { record, limit: maxSamples, max_bytes: maxBytes };
  const deadlineMs = DRAIN_DEADLINE_MS;
  const answer = await ask({ instance, method: "record.drain", params, deadlineMs });
  if (!answer.ok) return answer.error.code === "unsupported" ? err(reason) : answer;
  const drained = safeParse(METHODS["record.drain"].result, answer.value.value);
  if (!drained.success) return err(MALFORMED);
  const { record_key: recordKey, values, more, is_first: isFirst } = drained.data;
  return ok({ from: "host", recordKey, values, more, isFirst });
}

function toBatch({ read, sessionStartedAtMs }: ReadSamples, isFirst: boolean): DrainedBatch {
  const { record_key: recordKey, loss, samples, gaps, more } = read;
  const next = printPosition({ cursor: read.cursor, eventsLeft: null });
  const batch = { recordKey, loss, samples, gaps, next, more, isFirst, sessionStartedAtMs };
  return { from: "samples", ...batch };
}

const BEING_DRAINED = failure("conflict", "Another call is draining this record. Wait for it.");
