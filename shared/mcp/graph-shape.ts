/** The host's graph as a model sees it: one chunk for each record, in topological order. */
import { failure, type Failure } from "../failure.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { MethodResult } from "../link/method.ts";
import { nearestNames } from "../nearest.ts";
import { err, ok, type Result } from "../result.ts";
import { byteLength } from "./fit.ts";
import { mermaidEdge, mermaidNode } from "./mermaid.ts";
import { presentable } from "./presentable.ts";
import { presentableKey } from "./record-name.ts";

export type Graph = MethodResult<"graph.get">;
type Node = Graph["nodes"][number];
type Edge = Graph["edges"][number];

export interface GraphChunk {
  readonly key: string;
  readonly node: JsonObject;
  /** Those that lead to the record, and those that leave it for the outside. */
  readonly edges: readonly JsonObject[];
  /** The same as Mermaid. */
  readonly lines: readonly string[];
}

/** Of a record: it, what it is made of, and what is made of it. */
export function chunksOf(
  graph: Graph,
  record: string | undefined,
): Result<readonly GraphChunk[], Failure> {
  const places = new Map(graph.order.map((key, i) => [key, i]));
  const nodes = graph.nodes.toSorted((a, b) => placeOf(places, a) - placeOf(places, b));
  if (record !== undefined && !nodes.some(({ key }) => key === record)) {
    return err(unknown(record, nodes));
  }
  const ids = new Map(nodes.map(({ key }, i) => [key, i + 1]));
  const wanted = record === undefined ? undefined : relativesOf(graph.edges, record);
  const edgesAt = edgesBy(graph.edges, ({ from, to }) => to ?? from);
  return ok(
    nodes
      .filter(({ key }) => wanted === undefined || wanted.has(key))
      .map((node) => toChunk(node, edgesAt.get(node.key) ?? [], ids)),
  );
}

type EdgesAt = ReadonlyMap<string | null, readonly Edge[]>;

function edgesBy(edges: readonly Edge[], placeOf: (edge: Edge) => string | null): EdgesAt {
  const groups = new Map<string | null, Edge[]>();
  for (const edge of edges) {
    const group = groups.get(placeOf(edge)) ?? [];
    group.push(edge);
    groups.set(placeOf(edge), group);
  }
  return groups;
}

function placeOf(places: ReadonlyMap<string, number>, { key }: Node): number {
  return places.get(key) ?? places.size;
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
  return new Set([
    ...reachable(
      record,
      edgesBy(edges, ({ to }) => to),
      ({ from }) => from,
    ),
    ...reachable(
      record,
      edgesBy(edges, ({ from }) => from),
      ({ to }) => to,
    ),
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

function toChunk(node: Node, edges: readonly Edge[], ids: ReadonlyMap<string, number>): GraphChunk {
  const id = ids.get(node.key) ?? 0;
  const inbound = edges.flatMap(({ from }) => {
    const source = from === null || from === node.key ? undefined : ids.get(from);
    return source === undefined ? [] : [mermaidEdge(source, id)];
  });
  return {
    key: presentableKey(node.key),
    node: toNode(node),
    edges: edges.map(toEdge),
    lines: [mermaidNode(id, labelOf(node)), ...new Set(inbound)],
  };
}

function toNode(node: Node): JsonObject {
  return {
    key: presentableKey(node.key),
    origin: bounded(node.origin),
    buffer_type: node.buffer_type,
    buffer_capacity: node.buffer_capacity,
    tap_count: node.tap_count,
    has_outbound_link: node.has_outbound_link,
  };
}

function toEdge({ from, to, edge_type }: Edge): JsonObject {
  return {
    from: from === null ? null : presentableKey(from),
    to: to === null ? null : presentableKey(to),
    edge_type: bounded(edge_type),
  };
}

const MAX_JSON_BYTES = 500;

function bounded(value: JsonValue): JsonValue {
  const shown = presentable(value);
  return byteLength(shown) <= MAX_JSON_BYTES ? shown : "(too long to show)";
}

/** `sensor.temp, spmc_ring 16, source, 2 taps, linked out`. */
function labelOf(node: Node): string {
  const { key, buffer_type, buffer_capacity, tap_count, has_outbound_link } = node;
  const parts = [
    presentableKey(key),
    buffer_capacity === null ? buffer_type : `${buffer_type} ${buffer_capacity}`,
    kindOf(node.origin),
    tap_count > 0 ? `${tap_count} ${tap_count === 1 ? "tap" : "taps"}` : undefined,
    has_outbound_link ? "linked out" : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

/** `source`, `passive`, or the name of the only field: `transform`. */
function kindOf(origin: JsonValue): string | undefined {
  if (typeof origin === "string") return origin.slice(0, 20);
  return isJsonObject(origin) ? Object.keys(origin)[0]?.slice(0, 20) : undefined;
}
