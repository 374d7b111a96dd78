/** A host's graph as it may be shown: without the records that the device file hides. Pure. */
import type { GraphEdge, GraphNode, Origin } from "#shared/aimx/graph.ts";
import { isJsonObject, type JsonValue } from "#shared/json/json.ts";
import type { GraphEnd } from "#shared/link/methods/record-list.ts";
import { isHidden, withoutHiddenNames } from "../../access/hidden.ts";

export interface HostGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Keys, each after those it is derived from. */
  readonly order: readonly string[];
}

/** Computed at the host's start, so true for its whole life. */
export interface DependencyGraph extends HostGraph {
  readonly origins: ReadonlyMap<string, Origin>;
  /** What feeds each record. */
  readonly producers: ReadonlyMap<string, readonly GraphEnd[]>;
  /** Taps, transforms and outbound links that read each record. */
  readonly consumers: ReadonlyMap<string, readonly GraphEnd[]>;
}

/**
 * Hidden records are not named as the input of others, which keep the edge, and are not among their
 * consumers.
 */
export function toDependencyGraph(
  graph: HostGraph,
  hiddenRecords: readonly string[],
): DependencyGraph {
  const hidden = hiddenAmong(graph, hiddenRecords);
  const nodes = graph.nodes
    .filter(({ key }) => !hidden.has(key))
    .map((node) => ({ ...node, origin: originWithout(hidden, node.origin) }));
  const edges = graph.edges
    .filter(({ to }) => to === null || !hidden.has(to))
    .map((edge) => (isIn(hidden, edge.from) ? { ...edge, from: null } : edge))
    .filter(({ from, to }) => from !== null || to !== null);
  return {
    nodes,
    edges,
    order: graph.order.filter((key) => !hidden.has(key)),
    origins: new Map(nodes.map(({ key, origin }) => [key, origin])),
    producers: endsBy(edges, ({ to, from, edge_type }) => [to, endOf(edge_type, from)]),
    consumers: endsBy(edges, ({ to, from, edge_type }) => [from, endOf(edge_type, to)]),
  };
}

function hiddenAmong(
  { nodes, edges, order }: HostGraph,
  hiddenRecords: readonly string[],
): ReadonlySet<string> {
  const named = [...nodes.map(({ key }) => key), ...order, ...edges.flatMap(namesOf)];
  return new Set(named.filter((key) => isHidden(key, hiddenRecords)));
}

function namesOf({ from, to }: GraphEdge): string[] {
  return [from, to].filter((key) => key !== null);
}

function isIn(hidden: ReadonlySet<string>, key: string | null): boolean {
  return key !== null && hidden.has(key);
}

/** `"source"` and `"passive"` are no names, though a record may be called so; a link names none. */
function originWithout(hidden: ReadonlySet<string>, origin: Origin): Origin {
  if (typeof origin === "string") return origin;
  return Object.fromEntries(
    Object.entries(origin).map(([kind, inputs]) => [
      kind,
      kind === "link" ? withoutSecrets(inputs) : withoutHiddenNames(inputs, hidden),
    ]),
  );
}

/** Brokers' URLs often hold user and password, or a token after the question mark. */
function withoutSecrets(link: JsonValue): JsonValue {
  if (!isJsonObject(link)) return link;
  const { address } = link;
  if (typeof address !== "string") return link;
  return { ...link, address: address.replace(/:\/\/[^/?#]*@/, "://").replace(/[?#].*$/s, "") };
}

function endsBy(
  edges: readonly GraphEdge[],
  endOfEdge: (edge: GraphEdge) => readonly [record: string | null, end: GraphEnd],
): Map<string, GraphEnd[]> {
  const ends = new Map<string, GraphEnd[]>();
  for (const edge of edges) {
    const [record, end] = endOfEdge(edge);
    if (record === null) continue;
    const known = ends.get(record);
    if (known === undefined) ends.set(record, [end]);
    else known.push(end);
  }
  return ends;
}

/** `"source"`, or `{"tap": {"index": 0}}` and the like: the only key is the type. */
function endOf(edgeType: GraphEdge["edge_type"], record: string | null): GraphEnd {
  const [type = "unknown", more] =
    typeof edgeType === "string" ? [edgeType] : (Object.entries(edgeType)[0] ?? []);
  const protocol = isJsonObject(more) ? more["protocol"] : undefined;
  return {
    type,
    ...(record === null ? {} : { record }),
    ...(typeof protocol === "string" ? { protocol } : {}),
  };
}
