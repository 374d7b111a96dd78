/** The AimDB process behind a socket: the connections to it, and whether it is there. */
import { Breaker, type BreakerState } from "./breaker.ts";
import { brokenRead } from "#shared/fleet/broken-read.ts";
import { HELLO_TIMEOUT_MS } from "#shared/aimx/limits.ts";
import type { Failure } from "#shared/failure.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { withoutHidden } from "../../access/hidden.ts";
import type { Clock } from "../../clock.ts";
import { checkTrust } from "../../discovery/trust.ts";
import type { Log } from "../../log.ts";
import { waitUntil } from "../../wait-until.ts";
import type { InstanceStatus } from "../announce.ts";
import type { CatalogView } from "../catalog.ts";
import type { ConnectHost } from "./connect.ts";
import type { InstanceContext } from "../context.ts";
import { HostConnection, type HostClose } from "./host-connection.ts";
import { describeClose, instanceDown, toFailure } from "./host-failure.ts";
import { HostHistoryReader } from "../reading/host-history.ts";
import { IdleLane } from "./idle-lane.ts";
import { Lane } from "./lane.ts";

/** The longest a read waits for the subscriptions of a host that has just come back. */
const OBSERVING_WAIT_MS = 1_000;

export interface HostOptions {
  readonly socketPath: string;
  /** User ids that may own the socket and its folder. */
  readonly owners: ReadonlySet<number>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly connect: ConnectHost;
  readonly log: Log;
  /** What `announce` gives may have changed. */
  readonly onChange: () => void;
}

export interface ReachedHost {
  readonly connection: HostConnection;
  readonly view: CatalogView;
}

export class Host {
  /** Settles when it is known whether the process can be reached. */
  readonly settled: Promise<void>;
  /** Cursors belong to the connection, and a `get` of a ring moves them. */
  readonly drains: IdleLane;
  readonly history: HostHistoryReader;
  readonly #options: HostOptions;
  readonly #context: InstanceContext;
  readonly #calls: Lane;
  readonly #stream: Lane;
  /** Slow requests, which would hold up everything after them. */
  readonly #queries: IdleLane;
  #status: InstanceStatus = { name: "starting" };
  #settle: () => void = () => {};
  readonly #breaker = new Breaker();
  #isStopped = false;
  /** Settles when the newest connection's standing subscriptions are made. */
  #observing: Promise<void> = Promise.resolve();

  constructor(options: HostOptions, context: InstanceContext) {
    this.#options = options;
    this.#context = context;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const { clock, random } = options;
    const open = () => this.#open();
    this.drains = new IdleLane({ open, clock });
    this.#queries = new IdleLane({ open, clock });
    this.history = new HostHistoryReader({ lane: this.#queries, clock });
    this.#calls = new Lane({
      open,
      clock,
      random,
      onUp: (connection) => void this.#onCallsUp(connection),
      onDown: (close) => this.#onCallsDown(close),
    });
    this.#stream = new Lane({
      open,
      clock,
      random,
      onUp: (connection) => {
        this.#observing = this.#observe(connection);
      },
      onDown: () => context.observer.detach(),
    });
  }

  get status(): InstanceStatus {
    return this.#status;
  }

  get breaker(): BreakerState {
    return this.#breaker.state;
  }

  start(): void {
    this.#calls.start();
    this.#stream.start();
  }

  stop(): void {
    this.#isStopped = true;
    this.#calls.stop();
    this.#stream.stop();
    this.#queries.close();
    this.drains.close();
  }

  /** Every request to the host begins here; `note` reports what came of it. */
  async reach(purpose?: "write"): Promise<Result<ReachedHost, Failure>> {
    const refusal = this.#breaker.refusal(this.#options.clock.monotonicMs());
    if (refusal !== undefined) return err(refusal);
    const opened = await this.#calls.acquire();
    if (!opened.ok) {
      const down = instanceDown(opened.error);
      // A socket that nobody listens on fails at once, and costs nobody a wait.
      if (opened.error.reason === "hello_timeout") this.note(down);
      return err(down);
    }
    const connection = opened.value;
    const { catalog } = this.#context;
    const view = await (purpose === "write"
      ? catalog.viewForWrite(connection)
      : catalog.view(connection));
    if (view.ok) return ok({ connection, view: view.value });
    const failed = brokenRead(toFailure(view.error));
    this.note(failed);
    return err(failed);
  }

  /** Undefined for an answer, whatever it said. */
  note(failed: Failure | undefined): void {
    if (!this.#breaker.note(failed, this.#options.clock.monotonicMs())) return;
    this.#options.log.warn("instance_not_asked", {
      instance: this.#context.name,
      reason: failed?.message ?? "",
    });
  }

  /** Waits a moment until what is subscribed all the time is. */
  async observed(): Promise<void> {
    const { clock } = this.#options;
    const ready = this.#stream.acquire().then(() => this.#observing);
    await waitUntil({ clock, waitMs: OBSERVING_WAIT_MS }, (finish) => {
      void ready.finally(finish);
      return () => {};
    });
  }

  /** Trust is checked each time: another process may have taken over the path of one that ended. */
  async #open(): Promise<Result<HostConnection, HostClose>> {
    const { socketPath, connect, clock, owners } = this.#options;
    const trust = await checkTrust(socketPath, owners);
    if (!trust.ok) return err({ reason: "untrusted", message: trust.error });
    if (this.#isStopped) return err({ reason: "local" });
    return HostConnection.open({ socketPath, connect, clock, timeoutMs: HELLO_TIMEOUT_MS });
  }

  async #onCallsUp(connection: HostConnection): Promise<void> {
    const view = await this.#context.catalog.view(connection);
    if (!view.ok) {
      connection.close();
      return;
    }
    const { welcome, dialect } = connection;
    this.#breaker.close();
    this.#status = { name: "up", last: { welcome, view: view.value, loss: dialect.loss } };
    this.#options.log.info("instance_up", {
      instance: this.#context.name,
      protocol: welcome.protocolVersion,
      records: view.value.rows.length,
    });
    this.#settle();
    this.#options.onChange();
    await this.#probePersistence(view.value);
  }

  async #probePersistence({ rows, graph }: CatalogView): Promise<void> {
    // The graph came with the queries, in 0.5.0.
    const persistence = await this.history.probe(graph === undefined ? [] : rows);
    if (persistence === "present") this.#options.onChange();
  }

  #onCallsDown(close: HostClose): void {
    const before = this.#status;
    const last = before.name === "starting" ? undefined : before.last;
    this.#status = { name: "down", close, last };
    this.#settle();
    const reason = describeClose(close);
    if (before.name === "up") {
      this.#options.log.warn("instance_down", { instance: this.#context.name, reason });
    }
    const isKnown = before.name === "down" && describeClose(before.close) === reason;
    if (!isKnown) this.#options.onChange();
  }

  async #observe(connection: HostConnection): Promise<void> {
    const rows = await connection.request((dialect) => dialect.list());
    if (!rows.ok) return;
    const { hiddenRecords } = this.#context.config;
    await this.#context.observer.attach(connection, withoutHidden(rows.value, hiddenRecords));
  }
}
