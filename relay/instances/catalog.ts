/** The records of one instance and where their values come from. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { ok, type Result } from "#shared/result.ts";
import { withoutHidden } from "../access/hidden.ts";
import type { Clock } from "../clock.ts";
import type { RelayCounts } from "../control/relay-counts.ts";
import { toDependencyGraph, type DependencyGraph } from "./reading/dependency-graph.ts";
import type { HostCallFailure, HostConnection } from "./host/host-connection.ts";

/** How old a record list may be. Rows hold no values, only metadata. */
export const LIST_MAX_AGE_MS = 5_000;

export interface CatalogView {
  /** In the host's order, without the hidden ones. */
  readonly rows: readonly RecordRow[];
  /** Undefined on hosts before 0.5.0. */
  readonly graph: DependencyGraph | undefined;
}

interface Fetched {
  readonly connection: HostConnection;
  readonly atMs: number;
  readonly view: Promise<Result<CatalogView, HostCallFailure>>;
  isUnderWay: boolean;
  /** Its times and counters are from before a write or a reset. */
  isOutdated: boolean;
}

export interface CatalogOptions {
  readonly clock: Clock;
  readonly hiddenRecords: readonly string[];
  readonly timeoutMs: number;
  readonly counts: Pick<RelayCounts, "noteCache">;
}

export class Catalog {
  readonly #clock: Clock;
  readonly #hiddenRecords: readonly string[];
  readonly #timeoutMs: number;
  readonly #counts: CatalogOptions["counts"];
  #fetched: Fetched | undefined;
  #graph: { connection: HostConnection; graph: DependencyGraph | undefined } | undefined;

  constructor(options: CatalogOptions) {
    this.#clock = options.clock;
    this.#hiddenRecords = options.hiddenRecords;
    this.#timeoutMs = options.timeoutMs;
    this.#counts = options.counts;
  }

  /** At most LIST_MAX_AGE_MS old and from this connection; calls at the same time share one request. */
  view(connection: HostConnection): Promise<Result<CatalogView, HostCallFailure>> {
    const last = this.#lastFrom(connection);
    return this.#young(connection, last?.isOutdated === true ? undefined : last);
  }

  /** As `view`, for a write, which looks neither at times nor at counters: one after the other asks once. */
  viewForWrite(connection: HostConnection): Promise<Result<CatalogView, HostCallFailure>> {
    return this.#young(connection, this.#lastFrom(connection));
  }

  /** For the counters in the rows, which are live: asked for now, or by a call that is still under way. */
  freshView(connection: HostConnection): Promise<Result<CatalogView, HostCallFailure>> {
    const last = this.#lastFrom(connection);
    const isCurrent = last?.isUnderWay === true && !last.isOutdated;
    return isCurrent ? last.view : this.#ask(connection);
  }

  /** After a write or a reset: rows tell when a record was last updated, and have the counters. */
  invalidate(): void {
    if (this.#fetched !== undefined) this.#fetched.isOutdated = true;
  }

  #young(
    connection: HostConnection,
    last: Fetched | undefined,
  ): Promise<Result<CatalogView, HostCallFailure>> {
    const isYoung = last !== undefined && this.#clock.monotonicMs() - last.atMs < LIST_MAX_AGE_MS;
    this.#counts.noteCache("records", isYoung);
    return isYoung ? last.view : this.#ask(connection);
  }

  #lastFrom(connection: HostConnection): Fetched | undefined {
    return this.#fetched?.connection === connection ? this.#fetched : undefined;
  }

  async #ask(connection: HostConnection): Promise<Result<CatalogView, HostCallFailure>> {
    const view = this.#fetch(connection);
    const atMs = this.#clock.monotonicMs();
    const fetched = { connection, atMs, view, isUnderWay: true, isOutdated: false };
    this.#fetched = fetched;
    const result = await view;
    fetched.isUnderWay = false;
    if (!result.ok && this.#fetched === fetched) this.#fetched = undefined;
    return result;
  }

  async #fetch(connection: HostConnection): Promise<Result<CatalogView, HostCallFailure>> {
    const [rows, graph] = await Promise.all([
      connection.request((dialect) => dialect.list(), this.#timeoutMs),
      this.#graphOf(connection),
    ]);
    if (!rows.ok) return rows;
    if (!graph.ok) return graph;
    return ok({ rows: withoutHidden(rows.value, this.#hiddenRecords), graph: graph.value });
  }

  async #graphOf(
    connection: HostConnection,
  ): Promise<Result<DependencyGraph | undefined, HostCallFailure>> {
    const kept = this.#graph?.connection === connection ? this.#graph : undefined;
    this.#counts.noteCache("graph", kept !== undefined);
    if (kept !== undefined) return ok(kept.graph);
    const [nodes, edges, order] = await Promise.all([
      connection.request((dialect) => dialect.graphNodes(), this.#timeoutMs),
      connection.request((dialect) => dialect.graphEdges(), this.#timeoutMs),
      connection.request((dialect) => dialect.graphOrder(), this.#timeoutMs),
    ]);
    const failed = [nodes, edges, order].find((result) => !result.ok);
    if (failed !== undefined && !failed.ok && !isUnsupported(failed.error)) return failed;
    const graph =
      nodes.ok && edges.ok && order.ok
        ? toDependencyGraph(
            { nodes: nodes.value, edges: edges.value, order: order.value },
            this.#hiddenRecords,
          )
        : undefined;
    this.#graph = { connection, graph };
    return ok(graph);
  }
}

function isUnsupported(failure: HostCallFailure): boolean {
  return failure.type === "host" && failure.error.code === "unsupported";
}
