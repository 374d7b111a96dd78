/** The dependency graph a host computes once; here origins and taps are reported as they really are. */

import { listText, objectText, sortedText } from "../json/text.ts";
import { toValue } from "../json/value.ts";
import type { Input } from "../json/value.ts";
import { PASSIVE } from "./record-definition.ts";
import type { Origin, RecordDefinition } from "./record-definition.ts";

/** JSON text, ready to answer with. */
export type GraphTexts = {
  readonly nodes: string;
  readonly edges: string;
  readonly topoOrder: string;
};

export function describeGraph(definitions: readonly RecordDefinition[]): GraphTexts {
  return {
    nodes: listText(definitions.map(nodeText)),
    edges: listText(definitions.flatMap(edgeTexts)),
    topoOrder: listText(inTopologicalOrder(definitions).map((key) => JSON.stringify(key))),
  };
}

/** The origin as `graph.nodes` and `record.list` write it. */
export function originInput(origin: Origin): Input {
  switch (origin.kind) {
    case "transform":
      return { transform: { input: origin.input } };
    case "transform_join":
      return { transform_join: { inputs: origin.inputs } };
    case "link":
      return { link: { protocol: origin.protocol, address: origin.address } };
    default:
      return origin.kind;
  }
}

function nodeText({ key, buffer, origin = PASSIVE, taps = 0 }: RecordDefinition): string {
  return inputText({
    key,
    origin: originInput(origin),
    buffer_type: buffer.kind,
    buffer_capacity: buffer.kind === "spmc_ring" ? buffer.capacity : null,
    tap_count: taps,
    has_outbound_link: false,
  });
}

function edgeTexts({ key, origin = PASSIVE, taps = 0 }: RecordDefinition): readonly string[] {
  const tapTexts = Array.from({ length: taps }, (_, index) =>
    edgeText({ tap: { index } }, key, null),
  );
  return [...inboundEdgeTexts(key, origin), ...tapTexts];
}

function inboundEdgeTexts(key: string, origin: Origin): readonly string[] {
  switch (origin.kind) {
    case "source":
      return [edgeText("source", null, key)];
    case "link":
      return [edgeText({ link: { protocol: origin.protocol } }, null, key)];
    case "transform":
      return [edgeText("transform", origin.input, key)];
    case "transform_join":
      return origin.inputs.map((input) => edgeText("transform_join", input, key));
    default:
      return [];
  }
}

function edgeText(edgeType: Input, from: string | null, to: string | null): string {
  return objectText([
    ["edge_type", inputText(edgeType)],
    ["from", inputText(from)],
    ["to", inputText(to)],
  ]);
}

/** Hosts give no stable order to independent records; this one keeps that of their definition. */
function inTopologicalOrder(definitions: readonly RecordDefinition[]): readonly string[] {
  const ordered: string[] = [];
  let waiting = definitions;
  while (waiting.length > 0) {
    const ready = waiting.filter(({ origin = PASSIVE }) =>
      inputsOf(origin).every((input) => ordered.includes(input)),
    );
    if (ready.length === 0) throw new Error("The records' transforms form a cycle");
    waiting = waiting.filter((definition) => !ready.includes(definition));
    ordered.push(...ready.map(({ key }) => key));
  }
  return ordered;
}

function inputsOf(origin: Origin): readonly string[] {
  if (origin.kind === "transform") return [origin.input];
  return origin.kind === "transform_join" ? origin.inputs : [];
}

function inputText(input: Input): string {
  return sortedText(toValue(input));
}
