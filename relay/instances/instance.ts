/** One AimDB process: its two connections, what it has, and what can be asked of it. */
import { HELLO_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from "#shared/aimx/limits.ts";
import type { RecordRow } from "#shared/aimx/record-row.ts";
import type { Failure } from "#shared/failure.ts";
import type { AnnouncedInstance } from "#shared/link/inventory.ts";
import type { MethodResult, Params } from "#shared/link/method.ts";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import type { Loss } from "#shared/link/sample.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { withoutHidden } from "../access/hidden.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { checkTrust } from "../discovery/trust.ts";
import type { Journal } from "../journal/journal.ts";
import type { Log } from "../log.ts";
import type { Reading, SampleStore } from "../store/sample-store.ts";
import { waitUntil } from "../wait-until.ts";
import { announce, type InstanceStatus } from "./announce.ts";
import { Catalog, type CatalogView } from "./catalog.ts";
import type { ConnectHost } from "./connect.ts";
import type { InstanceContext } from "./context.ts";
import { HostConnection, type HostClose } from "./host-connection.ts";
import { describeClose, instanceDown, toFailure } from "./host-failure.ts";
import { Lane } from "./lane.ts";
import { Observer } from "./observer.ts";
import { readCurrent, type ReadSample } from "./reading.ts";
import { pageOfRecords } from "./records.ts";
import { resolveRecord } from "./resolve-record.ts";
import { readSamples } from "./samples.ts";
import type { WriteRequest } from "./write-check.ts";
import { Writer } from "./writing.ts";

/** A read does not wait longer for the subscriptions of a host that came back just now. */
const OBSERVING_WAIT_MS = 1_000;

export interface InstanceOptions {
  readonly name: string;
  readonly socketPath: string;
  readonly config: Config;
  /** User ids that may own the socket and its folder. */
  readonly owners: ReadonlySet<number>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly connect: ConnectHost;
  readonly store: SampleStore;
  readonly journal: Journal;
  readonly log: Log;
  /** What `announce` gives may have changed. */
  readonly onChange: () => void;
}

export interface RecordReading {
  readonly recordKey: string;
  readonly loss: Loss;
  readonly sample: ReadSample;
}

export interface SamplesReading {
  readonly recordKey: string;
  readonly loss: Loss;
  readonly reading: Reading;
}

interface Reached {
  readonly connection: HostConnection;
  readonly view: CatalogView;
}

export class Instance {
  readonly name: string;
  readonly socketPath: string;
  readonly #options: InstanceOptions;
  readonly #context: InstanceContext;
  readonly #writer: Writer;
  readonly #calls: Lane;
  readonly #stream: Lane;
  #status: InstanceStatus = { name: "starting" };
  /** Settles when it is known whether the process can be reached. */
  readonly settled: Promise<void>;
  #settle: () => void = () => {};
  /** Settles when the standing subscriptions of the newest connection are made. */
  #observing: Promise<void> = Promise.resolve();

  constructor(options: InstanceOptions) {
    const { name, socketPath, config, clock, random, store, journal } = options;
    this.name = name;
    this.socketPath = socketPath;
    this.#options = options;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const storeKey = (record: string) => `${name}/${record}`;
    const { hiddenRecords } = config;
    const timeoutMs = REQUEST_TIMEOUT_MS;
    const catalog = new Catalog({ clock, hiddenRecords, timeoutMs });
    const observer = new Observer({ store, clock, timeoutMs, storeKey });
    this.#context = { name, config, clock, store, catalog, observer, journal, storeKey };
    this.#writer = new Writer(this.#context);
    this.#calls = new Lane({
      open: () => this.#open(),
      clock,
      random,
      onUp: (connection) => void this.#onCallsUp(connection),
      onDown: (close) => this.#onCallsDown(close),
    });
    this.#stream = new Lane({
      open: () => this.#open(),
      clock,
      random,
      onUp: (connection) => {
        this.#observing = this.#observe(connection);
      },
      onDown: () => observer.detach(),
    });
  }

  start(): void {
    this.#calls.start();
    this.#stream.start();
  }

  stop(): void {
    this.#calls.stop();
    this.#stream.stop();
  }

  announce(): AnnouncedInstance {
    return announce(this.#context, this.socketPath, this.#status);
  }

  list(params: Params<"record.list">): Promise<Result<MethodResult<"record.list">, Failure>> {
    return this.#read(async ({ view }) => ok(pageOfRecords(this.#context, view, params)));
  }

  get(name: string, timeoutMs: number): Promise<Result<RecordReading, Failure>> {
    return this.#readRecord(name, async ({ connection }, row) => {
      await this.#observed();
      const current = await readCurrent(this.#context, connection, row, timeoutMs);
      if (!current.ok) return current;
      const { loss } = connection.dialect;
      return ok({ recordKey: row.record_key, loss, sample: current.value });
    });
  }

  samples(
    { record, ...params }: Params<"samples.read">,
    signal: AbortSignal,
  ): Promise<Result<SamplesReading, Failure>> {
    return this.#readRecord(record, async ({ connection }, row) => {
      await this.#observed();
      const reading = await readSamples(this.#context, row, params, signal);
      if (!reading.ok) return reading;
      const { loss } = connection.dialect;
      return ok({ recordKey: row.record_key, loss, reading: reading.value });
    });
  }

  /** Never repeated: see Writer. */
  async set(record: string, write: Omit<WriteRequest, "row">): Promise<WriteOutcome> {
    const reached = await this.#reach();
    if (!reached.ok) return { outcome: "not_applied", ...reached.error };
    const { connection, view } = reached.value;
    const row = resolveRecord(view.rows, record);
    if (!row.ok) return { outcome: "not_applied", ...row.error };
    return this.#writer.write(connection, view, { ...write, row: row.value });
  }

  /** Trust is asked for each time: another process may have taken over the path of one that ended. */
  async #open(): Promise<Result<HostConnection, HostClose>> {
    const { socketPath, connect, clock, owners } = this.#options;
    const trust = await checkTrust(socketPath, owners);
    if (!trust.ok) return err({ reason: "untrusted", message: trust.error });
    return HostConnection.open({ socketPath, connect, clock, timeoutMs: HELLO_TIMEOUT_MS });
  }

  /** A read that finds its connection dead is asked once more, on a new one. */
  async #read<T>(
    ask: (reached: Reached) => Promise<Result<T, Failure>>,
  ): Promise<Result<T, Failure>> {
    const first = await this.#tryRead(ask);
    return !first.ok && first.error.code === "instance_down" ? this.#tryRead(ask) : first;
  }

  #readRecord<T>(
    name: string,
    ask: (reached: Reached, row: RecordRow) => Promise<Result<T, Failure>>,
  ): Promise<Result<T, Failure>> {
    return this.#read(async (reached) => {
      const row = resolveRecord(reached.view.rows, name);
      return row.ok ? ask(reached, row.value) : row;
    });
  }

  async #tryRead<T>(
    ask: (reached: Reached) => Promise<Result<T, Failure>>,
  ): Promise<Result<T, Failure>> {
    const reached = await this.#reach();
    return reached.ok ? ask(reached.value) : reached;
  }

  async #reach(): Promise<Result<Reached, Failure>> {
    const opened = await this.#calls.acquire();
    if (!opened.ok) return err(instanceDown(opened.error));
    const connection = opened.value;
    const view = await this.#context.catalog.view(connection);
    return view.ok ? ok({ connection, view: view.value }) : err(toFailure(view.error));
  }

  async #observed(): Promise<void> {
    const { clock } = this.#options;
    const ready = this.#stream.acquire().then(() => this.#observing);
    await waitUntil({ clock, waitMs: OBSERVING_WAIT_MS }, (finish) => {
      void ready.finally(finish);
      return () => {};
    });
  }

  async #onCallsUp(connection: HostConnection): Promise<void> {
    const view = await this.#context.catalog.view(connection);
    if (!view.ok) {
      connection.close();
      return;
    }
    const { welcome } = connection;
    this.#status = { name: "up", last: { welcome, view: view.value } };
    this.#options.log.info("instance_up", {
      instance: this.name,
      protocol: welcome.protocolVersion,
      records: view.value.rows.length,
    });
    this.#settle();
    this.#options.onChange();
  }

  #onCallsDown(close: HostClose): void {
    const before = this.#status;
    const last = before.name === "starting" ? undefined : before.last;
    this.#status = { name: "down", close, last };
    this.#settle();
    const reason = describeClose(close);
    if (before.name === "up") {
      this.#options.log.warn("instance_down", { instance: this.name, reason });
    }
    const isKnown = before.name === "down" && describeClose(before.close) === reason;
    if (!isKnown) this.#options.onChange();
  }

  async #observe(connection: HostConnection): Promise<void> {
    const rows = await connection.request((dialect) => dialect.list(), REQUEST_TIMEOUT_MS);
    if (!rows.ok) return;
    const { hiddenRecords } = this.#options.config;
    await this.#context.observer.attach(connection, withoutHidden(rows.value, hiddenRecords));
  }
}
