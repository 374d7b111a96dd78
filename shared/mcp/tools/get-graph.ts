import * as z from "zod/mini";
import type { JsonObject } from "../../json.ts";
import { ok } from "../../result.ts";
import { acrossOutput, askAcross, type Target } from "../across.ts";
import { cursorInput, fittingPrefix, maxBytesInput } from "../fit.ts";
import { chunksOf, type GraphChunk } from "../graph-shape.ts";
import { mermaidChart } from "../mermaid.ts";
import { recordName } from "../record-name.ts";
import { instanceInput, selectInstances, socketInput } from "../targets.ts";
import { defineTool } from "../tool.ts";

export const getGraph = defineTool({
  name: "get_graph",
  title: "Get the data flow graph",
  description:
    "Gives how records depend on each other: nodes (origin, buffer, taps, outbound links), edges (source, link, transform, tap; null is outside) in topological order, and the same as a Mermaid flowchart. record_name: only what feeds it and what it feeds. Shows where data comes from; producers that the application holds itself are not in it. No values.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.object({
    instance: instanceInput,
    socket: socketInput,
    record_name: z.optional(
      recordName.check(z.describe("Record key: only its inputs and dependents.")),
    ),
    format: z.optional(z.enum(["both", "json", "mermaid"]).check(z.describe("Default both."))),
    cursor: cursorInput,
    max_bytes: maxBytesInput,
  }),
  output: z.looseObject({
    ...acrossOutput,
    nodes: z.optional(z.array(z.looseObject({}))),
    edges: z.optional(z.array(z.looseObject({}))),
    order: z.optional(z.array(z.string())),
    mermaid: z.optional(z.string()),
    next_cursor: z.nullish(z.string()),
  }),
  run: async ({ instance, socket, record_name, format, cursor, max_bytes }, { fleet }) => {
    const selected = await selectInstances(fleet, { instance, socket, record: record_name });
    if (!selected.ok) return selected;
    return askAcross(selected.value, {
      maxBytes: max_bytes,
      minShareBytes: MIN_SHARE_BYTES,
      ask: async (target) => {
        const graph = await fleet.graph(target.instance);
        if (!graph.ok) return graph;
        const chunks = chunksOf(graph.value, record_name);
        if (!chunks.ok) return chunks;
        return ok(toPage(chunks.value, { target, format, offset: Number(cursor ?? 0) }));
      },
    });
  },
});

const MIN_SHARE_BYTES = 1_000;

/** `total`, `next_cursor` and the names of the parts. */
const ABOUT_BYTES = 150;

interface Shape {
  readonly target: Target;
  readonly format: "both" | "json" | "mermaid" | undefined;
  readonly offset: number;
}

/** A page is whole in itself: its nodes, the edges that lead to them, and the chart of these. */
function toPage(
  chunks: readonly GraphChunk[],
  { target, format = "both", offset }: Shape,
): JsonObject {
  const parts = chunks.slice(offset).map(({ key, node, edges, lines }) => ({
    ...(format === "mermaid" ? {} : { node, edges, order: key }),
    ...(format === "json" ? {} : { lines }),
  }));
  const left = target.maxBytes - ABOUT_BYTES;
  const count = fittingPrefix<JsonObject>(parts, left, target.isOnly ? 1 : 0).length;
  const end = offset + count;
  const shown = chunks.slice(offset, end);
  const json = {
    nodes: shown.map(({ node }) => node),
    edges: shown.flatMap(({ edges }) => edges),
    order: shown.map(({ key }) => key),
  };
  const mermaid = mermaidChart(shown.flatMap(({ lines }) => lines));
  return {
    ...(format === "mermaid" ? {} : json),
    ...(format === "json" ? {} : { mermaid }),
    total: chunks.length,
    next_cursor: end < chunks.length ? String(end) : null,
  };
}
