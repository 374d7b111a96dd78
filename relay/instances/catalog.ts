/** The records of one instance and where their values come from. */
import type { GraphEdge, GraphNode, Origin } from "#shared/aimx/graph.ts";
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { ok, type Result } from "#shared/result.ts";
import { isHidden, withoutHidden, withoutHiddenNames } from "../access/hidden.ts";
import type { Clock } from "../clock.ts";
import { countConsumers } from "./consumers.ts";
import type { HostCallFailure, HostConnection } from "./host-connection.ts";

/** How old a record list may be. Rows hold no values, only metadata. */
export const LIST_MAX_AGE_MS = 5_000;

export interface Graph {
  readonly origins: ReadonlyMap<string, Origin>;
  readonly consumers: ReadonlyMap<string, number>;
}

export interface CatalogView {
  /** In the host's order, without the hidden ones. */
  readonly rows: readonly RecordRow[];
  /** Undefined on hosts before 0.5.0. Computed at the host's start, so true for its whole life. */
  readonly graph: Graph | undefined;
}

interface Fetched {
  readonly connection: HostConnection;
  readonly atMs: number;
  readonly view: Promise<Result<CatalogView, HostCallFailure>>;
}

export class Catalog {
  readonly #clock: Clock;
  readonly #hiddenRecords: readonly string[];
  readonly #timeoutMs: number;
  #fetched: Fetched | undefined;
  #graph: { connection: HostConnection; graph: Graph | undefined } | undefined;

  constructor(options: { clock: Clock; hiddenRecords: readonly string[]; timeoutMs: number }) {
    this.#clock = options.clock;
    this.#hiddenRecords = options.hiddenRecords;
    this.#timeoutMs = options.timeoutMs;
  }

  /** At most LIST_MAX_AGE_MS old and from this connection; calls at the same time share one request. */
  async view(connection: HostConnection): Promise<Result<CatalogView, HostCallFailure>> {
    const nowMs = this.#clock.monotonicMs();
    const last = this.#fetched;
    if (last?.connection === connection && nowMs - last.atMs < LIST_MAX_AGE_MS) return last.view;
    const view = this.#fetch(connection);
    this.#fetched = { connection, atMs: nowMs, view };
    const result = await view;
    if (!result.ok && this.#fetched?.view === view) this.#fetched = undefined;
    return result;
  }

  /** After a write: rows tell when a record was last updated. */
  invalidate(): void {
    this.#fetched = undefined;
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

  async #graphOf(connection: HostConnection): Promise<Result<Graph | undefined, HostCallFailure>> {
    if (this.#graph?.connection === connection) return ok(this.#graph.graph);
    const [nodes, edges] = await Promise.all([
      connection.request((dialect) => dialect.graphNodes(), this.#timeoutMs),
      connection.request((dialect) => dialect.graphEdges(), this.#timeoutMs),
    ]);
    const failed = [nodes, edges].find((result) => !result.ok);
    if (failed !== undefined && !failed.ok && !isUnsupported(failed.error)) return failed;
    const graph =
      nodes.ok && edges.ok ? graphOf(nodes.value, edges.value, this.#hiddenRecords) : undefined;
    this.#graph = { connection, graph };
    return ok(graph);
  }
}

function isUnsupported(failure: HostCallFailure): boolean {
  return failure.type === "host" && failure.error.code === "unsupported";
}

/** Hidden records are not named as the input of others, nor counted among their consumers. */
function graphOf(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  hiddenRecords: readonly string[],
): Graph {
  const hidden = new Set(nodes.map(({ key }) => key).filter((key) => isHidden(key, hiddenRecords)));
  const seen = edges.filter(({ to }) => to === null || !hidden.has(to));
  return {
    origins: new Map(nodes.map(({ key, origin }) => [key, originWithout(hidden, origin)])),
    consumers: countConsumers(seen),
  };
}

/** `"source"` and `"passive"` are no names, though a record may be called so. */
function originWithout(hidden: ReadonlySet<string>, origin: Origin): Origin {
  if (typeof origin === "string") return origin;
  return Object.fromEntries(
    Object.entries(origin).map(([kind, inputs]) => [kind, withoutHiddenNames(inputs, hidden)]),
  );
}
