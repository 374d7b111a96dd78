/**
 * A dependency graph in parts: its records in topological order, each followed by the edges that lead to it and those
 * that leave it for the outside. A record may have more edges than one answer carries, so edges count singly. Pure.
 */
import { failure, type Failure } from "../failure.ts";
import { isJsonObject, type JsonValue } from "../json/json.ts";
import type { MethodResult } from "../link/method.ts";
import { nearestNames } from "../text/nearest.ts";
import { err, ok, type Result } from "../result.ts";

type Graph = Pick<MethodResult<"graph.get">, "nodes" | "edges" | "order">;
type Node = Graph["nodes"][number];
type Edge = Graph["edges"][number];

export interface GraphQuery {
  /** A key, or a type name that only one record has: only it, what feeds it and what it feeds. */
  readonly record?: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** The position among all that is asked for, from 1. */
type PlacedNode = Node & { readonly place: number };
/** Null for what is outside. */
type PlacedEdge = Edge & { readonly from_place: number | null; readonly to_place: number | null };

export type GraphItem = { readonly node: PlacedNode } | { readonly edge: PlacedEdge };

export interface GraphPage {
  readonly nodes: PlacedNode[];
  readonly edges: PlacedEdge[];
  /** The keys of its nodes. */
  readonly order: string[];
  /** The totals of all pages. */
  readonly total: number;
  readonly total_edges: number;
  readonly next_offset: number | null;
}

/** With a record: it, what it is made of, and what is made of it. */
export function graphItems(
  graph: Graph,
  record: string | undefined,
): Result<readonly GraphItem[], Failure> {
  const rank = new Map(graph.order.map((key, i) => [key, i]));
  const rankOf = ({ key }: Node) => rank.get(key) ?? rank.size;
  const sorted = graph.nodes.toSorted((a, b) => rankOf(a) - rankOf(b));
  if (record !== undefined && !sorted.some(({ key }) => key === record)) {
    return err(unknown(record, sorted));
  }
  const wanted = record === undefined ? undefined : relativesOf(graph.edges, record);
  const nodes = sorted.filter(({ key }) => wanted === undefined || wanted.has(key));
  const places = new Map(nodes.map(({ key }, i) => [key, i + 1]));
  const placeOf = (key: string | null) => (key === null ? null : (places.get(key) ?? null));
  const edgesAt = edgesBy(graph.edges, ({ from, to }) => to ?? from);
  // What else feeds a record's consumers is another question.
  const isWithin = ({ from }: Edge) => wanted === undefined || from === null || wanted.has(from);
  return ok(
    nodes.flatMap((node, i) => [
      { node: { ...node, origin: boundedKind(node.origin), place: i + 1 } },
      ...(edgesAt.get(node.key) ?? []).filter(isWithin).map(({ from, to, edge_type }) => ({
        edge: {
          from,
          to,
          edge_type: boundedKind(edge_type),
          from_place: placeOf(from),
          to_place: placeOf(to),
        },
      })),
    ]),
  );
}

export function toGraphPage(
  all: readonly GraphItem[],
  shown: readonly GraphItem[],
  nextOffset: number | null,
): GraphPage {
  const nodes = shown.flatMap((item) => ("node" in item ? [item.node] : []));
  const total = all.filter((item) => "node" in item).length;
  return {
    nodes,
    edges: shown.flatMap((item) => ("edge" in item ? [item.edge] : [])),
    order: nodes.map(({ key }) => key),
    total,
    total_edges: all.length - total,
    next_offset: nextOffset,
  };
}

/** A relay that does not know pages gives the whole graph. */
export function pageOfGraph(
  answer: MethodResult<"graph.get">,
  { record, offset, limit }: GraphQuery,
): Result<GraphPage, Failure> {
  const { total, total_edges, next_offset } = answer;
  if (total !== undefined && total_edges !== undefined && next_offset !== undefined) {
    return ok({ ...placedOf(answer), total, total_edges, next_offset });
  }
  const items = graphItems(answer, record);
  if (!items.ok) return items;
  const end = offset + limit;
  const next = end < items.value.length ? end : null;
  return ok(toGraphPage(items.value, items.value.slice(offset, end), next));
}

function placedOf({ nodes, edges, order }: Graph): Pick<GraphPage, "nodes" | "edges" | "order"> {
  return {
    nodes: nodes.map(({ place = 0, ...node }) => ({ ...node, place })),
    edges: edges.map(({ from_place = null, to_place = null, ...edge }) => ({
      ...edge,
      from_place,
      to_place,
    })),
    order,
  };
}

type EdgesAt = ReadonlyMap<string | null, readonly Edge[]>;

function edgesBy(edges: readonly Edge[], keyOf: (edge: Edge) => string | null): EdgesAt {
  const groups = new Map<string | null, Edge[]>();
  for (const edge of edges) {
    const group = groups.get(keyOf(edge)) ?? [];
    group.push(edge);
    groups.set(keyOf(edge), group);
  }
  return groups;
}

function unknown(record: string, nodes: readonly Node[]): Failure {
  const nearest = nearestNames(
    record,
    nodes.map(({ key }) => key),
  );
  const hint = nearest.length > 0 ? ` Nearest: ${nearest.join(", ")}.` : "";
  const message = `The graph has no record of this key.${hint} Call list_records.`;
  return failure("unknown_record", message, { nearest });
}

function relativesOf(edges: readonly Edge[], record: string): Set<string> {
  const inputs = edgesBy(edges, ({ to }) => to);
  const dependents = edgesBy(edges, ({ from }) => from);
  return new Set([
    ...reachable(record, inputs, ({ from }) => from),
    ...reachable(record, dependents, ({ to }) => to),
  ]);
}

function reachable(
  start: string,
  edgesAt: EdgesAt,
  next: (edge: Edge) => string | null,
): Set<string> {
  const found = new Set([start]);
  for (const key of found) {
    for (const edge of edgesAt.get(key) ?? []) {
      const other = next(edge);
      if (other !== null) found.add(other);
    }
  }
  return found;
}

const MAX_JSON_LENGTH = 4_096;

/** A join of hundreds of records names them all, and so do its edges. */
export function boundedKind(value: JsonValue): JsonValue {
  if (JSON.stringify(value).length <= MAX_JSON_LENGTH) return value;
  const [kind = ""] = isJsonObject(value) ? Object.keys(value) : [];
  return { [kind]: "(too long to show)" };
}
