/** One AimDB process: its connections, what it has, and what can be asked of it. */
import { REQUEST_TIMEOUT_MS } from "#shared/aimx/limits.ts";
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { brokenRead } from "#shared/fleet/broken-read.ts";
import { failure, type Failure } from "#shared/failure.ts";
import type { AnnouncedInstance } from "#shared/link/inventory.ts";
import type { Method, MethodResult, Params } from "#shared/link/method.ts";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import type { Loss } from "#shared/link/sample.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Config } from "../config.ts";
import type { RelayCounts } from "../control/relay-counts.ts";
import type { Journal } from "../journal/journal.ts";
import type { Reading, SampleStore } from "../store/sample-store.ts";
import type { BreakerState } from "./host/breaker.ts";
import { announce } from "./announce.ts";
import { Catalog } from "./catalog.ts";
import type { InstanceContext } from "./context.ts";
import { Host, type HostOptions, type ReachedHost } from "./host/host.ts";
import type { HostConnection } from "./host/host-connection.ts";
import { diagnosticsOf, resetCounters } from "./reading/diagnostics.ts";
import { graphOf } from "./reading/graph.ts";
import { Drainer } from "./reading/draining.ts";
import { keptHistory, readHistory } from "./reading/history.ts";
import { isGone, toFailure } from "./host/host-failure.ts";
import { InFlight } from "../in-flight.ts";
import { lastReadings, type LastReading } from "./observing/last-readings.ts";
import { isObservable } from "./observing/observation-plan.ts";
import { Observer } from "./observing/observer.ts";
import { readMany, type ReadEntry } from "./reading/reading-many.ts";
import { readCurrent, type RecordReading } from "./reading/reading.ts";
import { pageOfRecords } from "./reading/records.ts";
import { resolveRecord } from "./reading/resolve-record.ts";
import { readSamples, type SamplesRequest } from "./observing/samples.ts";
import { Schemas } from "./reading/schemas.ts";
import { TRACE_SPAN_MS, traceOf, type Trace } from "./observing/trace.ts";
import { watchSamples, type WatchEntry, type WatchRequest } from "./observing/watching.ts";
import type { WriteRequest } from "./writing/write-check.ts";
import { Writer } from "./writing/writing.ts";

export interface InstanceOptions extends HostOptions {
  readonly name: string;
  readonly config: Config;
  readonly store: SampleStore;
  readonly journal: Journal;
  readonly counts: Pick<RelayCounts, "noteCache">;
}

export interface SamplesReading {
  readonly recordKey: string;
  readonly loss: Loss;
  readonly reading: Reading;
}

export interface SamplesWatched {
  readonly loss: Loss;
  readonly entries: readonly WatchEntry[];
  readonly more: boolean;
}

/** What a call brings in addition to its parameters. */
export interface CallContext {
  /** How long the caller waits; a request to the host has its own timeout. */
  readonly timeoutMs: number;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  /** Where the session clock starts, on the relay's monotonic clock. */
  readonly sessionStartMs: number;
}

type Reply<M extends Method> = Promise<Result<MethodResult<M>, Failure>>;

export class Instance {
  readonly name: string;
  readonly socketPath: string;
  readonly #context: InstanceContext;
  readonly #host: Host;
  readonly #writer: Writer;
  readonly #drainer: Drainer;
  readonly #schemas: Schemas;
  readonly #gets = new InFlight<Result<RecordReading, Failure>>();

  constructor(options: InstanceOptions) {
    const { name, socketPath, config, clock, store, journal, counts } = options;
    this.name = name;
    this.socketPath = socketPath;
    const storeKey = (record: string) => `${name}/${record}`;
    const { hiddenRecords } = config;
    const timeoutMs = REQUEST_TIMEOUT_MS;
    const catalog = new Catalog({ clock, hiddenRecords, timeoutMs, counts });
    const observer = new Observer({ store, clock, timeoutMs, storeKey });
    this.#context = { name, config, clock, store, catalog, observer, journal, counts, storeKey };
    this.#host = new Host(options, this.#context);
    this.#writer = new Writer(this.#context);
    this.#drainer = new Drainer(this.#context, this.#host.drains);
    this.#schemas = new Schemas(this.#context);
  }

  /** Settles when it is known whether the process can be reached. */
  get settled(): Promise<void> {
    return this.#host.settled;
  }

  start(): void {
    this.#host.start();
  }

  stop(): void {
    this.#host.stop();
  }

  announce(): AnnouncedInstance {
    const { status, history } = this.#host;
    const { persistence } = history;
    return announce(this.#context, { socketPath: this.socketPath, persistence }, status);
  }

  /** Its process has ended, or another has its path. */
  get isGone(): boolean {
    const { status } = this.#host;
    return status.name === "down" && isGone(status.close);
  }

  get breaker(): BreakerState["name"] {
    return this.#host.breaker.name;
  }

  /** Empty until it has been up once. */
  lastReadings(): readonly LastReading[] {
    const { status } = this.#host;
    const last = status.name === "starting" ? undefined : status.last;
    return last === undefined ? [] : lastReadings(this.#context, last.view, last.loss);
  }

  list(params: Params<"record.list">, { sessionStartMs }: CallContext): Reply<"record.list"> {
    return this.#read(async ({ view }) =>
      ok(pageOfRecords(this.#context, view, params, sessionStartMs)),
    );
  }

  get(name: string, timeoutMs: number): Promise<Result<RecordReading, Failure>> {
    return this.#readRecord(name, ({ connection }, row) =>
      this.#readValue(connection, row, timeoutMs),
    );
  }

  getMany(names: readonly string[], timeoutMs: number): Promise<Result<ReadEntry[], Failure>> {
    return this.#read(async ({ connection, view }) => {
      const read = (row: RecordRow, leftMs: number) => this.#readValue(connection, row, leftMs);
      await this.#host.observed();
      return ok(await readMany(this.#context, { view, names, timeoutMs, read }));
    });
  }

  /** How one number of the record went lately; undefined if none of it is kept. */
  trace(recordKey: string, maxPoints: number): Trace | undefined {
    const { store, storeKey, clock } = this.#context;
    const nowMs = clock.monotonicMs();
    const span = { fromMs: nowMs - TRACE_SPAN_MS, toMs: nowMs };
    return traceOf(store.span(storeKey(recordKey), span).samples, maxPoints);
  }

  schema(
    { record, include_example: includeExample = false }: Params<"record.schema">,
    { timeoutMs, sessionStartMs }: CallContext,
  ): Reply<"record.schema"> {
    return this.#readRecord(record, async ({ connection }, row) => {
      await this.#host.observed();
      const asked = { connection, row, includeExample, timeoutMs, sessionStartMs };
      return this.#schemas.read(asked);
    });
  }

  /** Also of a process that is gone, as far as the relay kept it. */
  async history(
    params: Params<"samples.history">,
    { sessionStartMs, signal }: CallContext,
  ): Reply<"samples.history"> {
    const asked = { params, sessionStartMs, signal };
    const answered = await this.#readRecord(params.record, ({ connection }, row) => {
      const { loss } = connection.dialect;
      return readHistory(this.#context, this.#host.history, { ...asked, row, loss });
    });
    const { status } = this.#host;
    const seen = status.name === "starting" ? undefined : status.last;
    if (answered.ok || answered.error.code !== "instance_down" || seen === undefined)
      return answered;
    const row = resolveRecord(seen.view.rows, params.record);
    if (!row.ok || !isObservable(row.value)) return answered;
    const request = { ...asked, row: row.value, loss: seen.loss };
    return ok(keptHistory(this.#context, request, answered.error.message));
  }

  /** Never repeated: what was taken is gone from the host's cursor. */
  async drain(params: Params<"record.drain">, { signal }: CallContext): Reply<"record.drain"> {
    return this.#noted(async ({ view }) => {
      const row = resolveRecord(view.rows, params.record);
      return row.ok ? this.#drainer.drain({ row: row.value, view, params, signal }) : row;
    });
  }

  graph(params: Params<"graph.get">): Reply<"graph.get"> {
    return this.#read(async ({ view }) => graphOf(view, params));
  }

  diagnostics(params: Params<"diagnostics.get">): Reply<"diagnostics.get"> {
    return this.#read(async ({ connection }) => {
      const view = await this.#context.catalog.freshView(connection);
      if (!view.ok) return err(toFailure(view.error));
      const row =
        params.record === undefined ? undefined : resolveRecord(view.value.rows, params.record);
      if (row?.ok === false) return row;
      const asked = { connection, view: view.value, row: row?.value, params };
      return ok(diagnosticsOf(this.#context, asked));
    });
  }

  /** Never repeated. */
  async resetDiagnostics({ what }: Params<"diagnostics.reset">): Reply<"diagnostics.reset"> {
    return this.#noted(({ connection }) => resetCounters(this.#context, connection, what));
  }

  samples(
    { record, ...params }: Params<"samples.read">,
    how: Omit<SamplesRequest, "params">,
  ): Promise<Result<SamplesReading, Failure>> {
    return this.#readRecord(record, async ({ connection }, row) => {
      await this.#host.observed();
      const reading = await readSamples(this.#context, row, { params, ...how });
      if (!reading.ok) return reading;
      const { loss } = connection.dialect;
      return ok({ recordKey: row.record_key, loss, reading: reading.value });
    });
  }

  watch(
    params: Params<"samples.watch">,
    how: Omit<WatchRequest, "rows" | "params">,
  ): Promise<Result<SamplesWatched, Failure>> {
    return this.#read(async ({ connection, view }) => {
      await this.#host.observed();
      const { loss } = connection.dialect;
      const { rows } = view;
      return ok({ loss, ...(await watchSamples(this.#context, { rows, params, ...how })) });
    });
  }

  /** Never repeated: see Writer. */
  async set(record: string, write: Omit<WriteRequest, "row">): Promise<WriteOutcome> {
    const reached = await this.#host.reach("write");
    if (!reached.ok) return { outcome: "not_applied", ...reached.error };
    const { connection, view } = reached.value;
    const row = resolveRecord(view.rows, record);
    if (!row.ok) return { outcome: "not_applied", ...row.error };
    const request = { ...write, row: row.value };
    const outcome = await this.#writer.write(connection, view, request);
    this.#host.note("code" in outcome ? failure(outcome.code, outcome.message) : undefined);
    if (!write.isDryRun) this.#forget(row.value.record_key);
    return outcome;
  }

  /** A read that began before the write may give an outdated value. */
  #forget(record: string): void {
    this.#gets.clear();
    this.#schemas.forget(record);
  }

  async #readValue(
    connection: HostConnection,
    row: RecordRow,
    timeoutMs: number,
  ): Promise<Result<RecordReading, Failure>> {
    await this.#host.observed();
    return this.#gets.share(row.record_key, async () => {
      const current = await readCurrent(this.#context, connection, row, timeoutMs);
      if (!current.ok) return current;
      const { loss } = connection.dialect;
      return ok({ recordKey: row.record_key, loss, sample: current.value });
    });
  }

  /** Asked once: the relay's caller repeats it, and counts. */
  #read<T>(
    ask: (reached: ReachedHost) => Promise<Result<T, Failure>>,
  ): Promise<Result<T, Failure>> {
    return this.#noted(async (reached) => {
      const answered = await ask(reached);
      return answered.ok ? answered : err(brokenRead(answered.error));
    });
  }

  #readRecord<T>(
    name: string,
    ask: (reached: ReachedHost, row: RecordRow) => Promise<Result<T, Failure>>,
  ): Promise<Result<T, Failure>> {
    return this.#read(async (reached) => {
      const row = resolveRecord(reached.view.rows, name);
      return row.ok ? ask(reached, row.value) : row;
    });
  }

  /** The host's outcomes count for or against asking again; a request that was not sent does not count. */
  async #noted<T>(
    ask: (reached: ReachedHost) => Promise<Result<T, Failure>>,
  ): Promise<Result<T, Failure>> {
    const reached = await this.#host.reach();
    if (!reached.ok) return reached;
    const result = await ask(reached.value);
    this.#host.note(result.ok ? undefined : result.error);
    return result;
  }
}
