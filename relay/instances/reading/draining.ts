/**
 * The host's own drain, on a connection of its own, since the cursors belong to the connection. What
 * was taken can't be taken again, so nothing is repeated, and what one answer can't hold waits here.
 */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { failure, type Failure } from "#shared/failure.ts";
import type { JsonValue } from "#shared/json/json.ts";
import type { MethodResult, Params } from "#shared/link/method.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { printedBytes } from "../../printed-bytes.ts";
import type { CatalogView } from "../catalog.ts";
import type { InstanceContext } from "../context.ts";
import type { HostConnection } from "../host/host-connection.ts";
import { instanceDown, toFailure } from "../host/host-failure.ts";
import type { IdleLane } from "../host/idle-lane.ts";

/** Values asked for at once: those that do not fit an answer are held in memory. */
const CHUNK = 100;

const DEFAULT_MAX_BYTES = 200_000;

/** Cursors that are opened along with the one asked for. */
const MAX_EARLY_CURSORS = 64;

export interface DrainRequest {
  readonly row: RecordRow;
  readonly view: CatalogView;
  readonly params: Params<"record.drain">;
  /** Aborts when nobody waits any more: what was taken by then is kept for the next. */
  readonly signal: AbortSignal;
}

/** What is held for one connection's cursors. */
interface Cursors {
  readonly opened: Set<string>;
  readonly left: Map<string, JsonValue[]>;
}

export class Drainer {
  readonly #context: InstanceContext;
  readonly #lane: IdleLane;
  readonly #cursors = new WeakMap<HostConnection, Cursors>();
  /** Two at a time would get each other's values out of order. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: InstanceContext, lane: IdleLane) {
    this.#context = context;
    this.#lane = lane;
  }

  drain(request: DrainRequest): Promise<Result<MethodResult<"record.drain">, Failure>> {
    const refusal = this.#refusalOf(request.row);
    if (refusal !== undefined) return Promise.resolve(err(refusal));
    const done = this.#turn.then(() => this.#drainNow(request));
    this.#turn = done.catch(() => {});
    return done;
  }

  #refusalOf(row: RecordRow): Failure | undefined {
    if (row.buffer_type === "mailbox") return NO_MAILBOX;
    return this.#context.observer.mode(row) === "live" ? OBSERVED : undefined;
  }

  async #drainNow(request: DrainRequest): Promise<Result<MethodResult<"record.drain">, Failure>> {
    if (request.signal.aborted) return err(GONE);
    const drained = await this.#lane.use((connection) => this.#drainFrom(connection, request));
    return drained.ok ? drained.value : err(instanceDown(drained.error));
  }

  async #drainFrom(
    connection: HostConnection,
    request: DrainRequest,
  ): Promise<Result<MethodResult<"record.drain">, Failure>> {
    const { row, params, signal } = request;
    const key = row.record_key;
    const cursors = this.#cursorsOf(connection);
    const is_first = !cursors.opened.has(key);
    const taken = await this.#take(connection, request, cursors.left.get(key) ?? []);
    if (!taken.ok) return taken;
    cursors.opened.add(key);
    const count = signal.aborted ? 0 : countFitting(taken.value, params);
    cursors.left.set(key, taken.value.slice(count));
    this.#openOthers(connection, request);
    if (signal.aborted) return err(GONE);
    const values = taken.value.slice(0, count);
    return ok({ record_key: key, values, is_first, more: taken.value.length > count });
  }

  /** First what is left of the last drain. Stops at an answer that is not full, or at too much to hold. */
  async #take(
    connection: HostConnection,
    { row, params, signal }: DrainRequest,
    left: readonly JsonValue[],
  ): Promise<Result<JsonValue[], Failure>> {
    const { limit: wanted, max_bytes = DEFAULT_MAX_BYTES } = params;
    const values = [...left];
    let bytes = bytesOf(values);
    while (bytes <= max_bytes && values.length < wanted) {
      const limit = Math.min(CHUNK, wanted - values.length);
      const drained = await connection.request((d) => d.drain(row.record_key, limit));
      if (!drained.ok) return values.length > 0 ? ok(values) : err(toFailure(drained.error));
      values.push(...drained.value);
      bytes += bytesOf(drained.value);
      if (drained.value.length < limit || signal.aborted) break;
    }
    return ok(values);
  }

  #cursorsOf(connection: HostConnection): Cursors {
    const known = this.#cursors.get(connection);
    if (known !== undefined) return known;
    const cursors: Cursors = { opened: new Set(), left: new Map() };
    this.#cursors.set(connection, cursors);
    return cursors;
  }

  /** A caller that drains one unobserved record soon drains the others: from here on their values gather. */
  #openOthers(connection: HostConnection, { view }: DrainRequest): void {
    const { opened } = this.#cursorsOf(connection);
    const others = view.rows.filter(
      (row) =>
        row.buffer_type === "spmc_ring" &&
        !opened.has(row.record_key) &&
        this.#context.observer.mode(row) === "on_demand",
    );
    const count = Math.max(0, MAX_EARLY_CURSORS - opened.size);
    for (const { record_key } of others.slice(0, count)) {
      opened.add(record_key);
      void connection.request((dialect) => dialect.drain(record_key, 0));
    }
  }
}

/** At least one, however large. */
function countFitting(
  values: readonly JsonValue[],
  { limit, max_bytes = DEFAULT_MAX_BYTES }: Params<"record.drain">,
): number {
  let bytes = 0;
  let count = 0;
  for (const value of values.slice(0, limit)) {
    bytes += bytesOf([value]);
    if (count > 0 && bytes > max_bytes) break;
    count += 1;
  }
  return count;
}

function bytesOf(values: readonly JsonValue[]): number {
  return values.reduce<number>((sum, v) => sum + printedBytes(v) + 1, 0);
}

const NO_MAILBOX = failure(
  "not_observable",
  "A mailbox can't be drained: that would take the application's messages. Use get_record.",
);
const OBSERVED = failure(
  "conflict",
  "The relay observes this record now, so its samples have times and each caller its own position. Ask again.",
);
const GONE = failure("link_lost", "The caller was gone before the record was drained.");
