/** A part of a host's graph as a model sees it: records and edges one by one, in topological order. */
import type { GraphPage } from "../../fleet/graph-page.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json/json.ts";
import { byteLength } from "./fit.ts";
import { mermaidEdge, mermaidNode } from "./mermaid.ts";
import { presentable } from "./presentable.ts";
import { presentableKey } from "../asking/record-name.ts";

type Node = GraphPage["nodes"][number];
type Edge = GraphPage["edges"][number];

/** A record or an edge. */
export interface GraphPart {
  readonly node?: JsonObject;
  readonly edge?: JsonObject;
  /** The same as Mermaid; an edge from or to the outside has none. */
  readonly line?: string;
}

export function partsOf({ nodes, edges }: GraphPage): readonly GraphPart[] {
  const placed = [
    ...nodes.map((node) => ({ place: node.place, part: toNodePart(node) })),
    ...edges.map((edge) => ({
      place: edge.to_place ?? edge.from_place ?? 0,
      part: toEdgePart(edge),
    })),
  ];
  return placed.toSorted((a, b) => a.place - b.place).map(({ part }) => part);
}

function toNodePart(node: Node): GraphPart {
  return { node: toNode(node), line: mermaidNode(node.place, labelOf(node)) };
}

function toEdgePart({ from, to, edge_type, from_place, to_place }: Edge): GraphPart {
  const edge = {
    from: from === null ? null : presentableKey(from),
    to: to === null ? null : presentableKey(to),
    edge_type: bounded(edge_type),
  };
  const isWithin = from_place !== null && to_place !== null && from_place !== to_place;
  return isWithin ? { edge, line: mermaidEdge(from_place, to_place) } : { edge };
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

const MAX_JSON_BYTES = 500;

function bounded(value: JsonValue): JsonValue {
  const shown = presentable(value);
  return byteLength(shown) <= MAX_JSON_BYTES ? shown : "(too long to show)";
}

/** `sensor.temp, spmc_ring 16, source, 2 taps, linked out`. */
function labelOf(node: Node): string {
  const { key, buffer_type, buffer_capacity, tap_count, has_outbound_link } = node;
  const parts = [
    shortKey(presentableKey(key)),
    buffer_capacity === null ? buffer_type : `${buffer_type} ${buffer_capacity}`,
    kindOf(node.origin),
    tap_count > 0 ? `${tap_count} ${tap_count === 1 ? "tap" : "taps"}` : undefined,
    has_outbound_link ? "linked out" : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

/** Leaves room for the rest of a label. */
const MAX_KEY_IN_LABEL = 70;
const KEY_START = 20;

/** Long keys often differ at their ends. */
function shortKey(key: string): string {
  if (key.length <= MAX_KEY_IN_LABEL) return key;
  return `${key.slice(0, KEY_START)}...${key.slice(KEY_START - MAX_KEY_IN_LABEL)}`;
}

/** `source`, `passive`, or the name of the only field: `transform`. */
function kindOf(origin: JsonValue): string | undefined {
  if (typeof origin === "string") return origin.slice(0, 20);
  return isJsonObject(origin) ? Object.keys(origin)[0]?.slice(0, 20) : undefined;
}
