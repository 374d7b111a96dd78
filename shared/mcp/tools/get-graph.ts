import * as z from "zod/mini";
import type { GraphPage } from "../../fleet/graph-page.ts";
import type { JsonObject } from "../../json/json.ts";
import { ok } from "../../result.ts";
import { acrossOutput, askAcross, type Target } from "../asking/across.ts";
import { cursorInput, fittingPrefix, maxBytesInput } from "../answers/fit.ts";
import { partsOf, type GraphPart } from "../answers/graph-shape.ts";
import { mermaidChart } from "../answers/mermaid.ts";
import { recordName } from "../asking/record-name.ts";
import { instanceInput, selectInstances, socketInput } from "../asking/targets.ts";
import { defineTool } from "../tool.ts";

export const getGraph = defineTool({
  name: "get_graph",
  title: "Get the data flow graph",
  description:
    "Shows how records depend on each other: nodes (origin, buffer, taps, outbound links), edges (source, link, transform, tap; null is outside) in topological order, and the same as a Mermaid flowchart. record_name: only what feeds it and what it feeds. A large graph comes in pages (next_cursor, of total records and total_edges). It tells where data comes from; producers that the application holds itself are not in it. No values.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
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
    total: z.optional(z.number()),
    total_edges: z.optional(z.number()),
    next_cursor: z.nullish(z.string()),
  }),
  run: async ({ instance, socket, record_name, format, cursor, max_bytes }, { fleet }) => {
    const selected = await selectInstances(fleet, { instance, socket, record: record_name });
    if (!selected.ok) return selected;
    return askAcross(selected.value, {
      maxBytes: max_bytes,
      minShareBytes: MIN_SHARE_BYTES,
      ask: async (target) => {
        const offset = Number(cursor ?? 0);
        const limit = partsFor(target, format);
        const graph = await fleet.graph(target.instance, { record: record_name, offset, limit });
        return graph.ok ? ok(toPage(graph.value, { target, format, offset })) : graph;
      },
    });
  },
});

const MIN_SHARE_BYTES = 1_000;

/** The counts, `next_cursor` and the names of the parts. */
const ABOUT_BYTES = 200;

type Format = "both" | "json" | "mermaid";

/** An edge of short names; in a chart of numbers. */
const MIN_PART_BYTES: Readonly<Record<Format, number>> = { both: 50, json: 45, mermaid: 12 };

interface Shape {
  readonly target: Target;
  readonly format: Format | undefined;
  readonly offset: number;
}

/** As many as can fit, plus two: one is shown however long it is, one shows that not all fit. */
function partsFor({ maxBytes }: Target, format: Format = "both"): number {
  return Math.floor(maxBytes / MIN_PART_BYTES[format]) + 2;
}

/**
 * Records in topological order, each followed by the edges that lead to it, and the chart of these. The charts of
 * several pages, joined, are one.
 */
function toPage(graph: GraphPage, { target, format = "both", offset }: Shape): JsonObject {
  const parts = partsOf(graph);
  const sizes = parts.map((part) => shownOf(part, format));
  const left = target.maxBytes - ABOUT_BYTES;
  const count = fittingPrefix<JsonObject>(sizes, left, target.isOnly ? 1 : 0).length;
  const shown = parts.slice(0, count);
  const nodes = shown.flatMap(({ node }) => (node === undefined ? [] : [node]));
  const edges = shown.flatMap(({ edge }) => (edge === undefined ? [] : [edge]));
  const order = nodes.flatMap(({ key = null }) => [key]);
  const lines = [...new Set(shown.flatMap(({ line }) => line ?? []))];
  const next = count < parts.length ? offset + count : graph.next_offset;
  const isEmpty = format === "mermaid" && lines.length === 0 && next !== null;
  return {
    ...(format === "mermaid" ? {} : { nodes, edges, order }),
    ...(format === "json" ? {} : { mermaid: mermaidChart(lines) }),
    ...(isEmpty ? { note: ALL_OUTSIDE } : {}),
    total: graph.total,
    total_edges: graph.total_edges,
    next_cursor: next === null ? null : String(next),
  };
}

const ALL_OUTSIDE =
  "Nothing on this page is in the chart: its edges come from or lead outside. Continue with next_cursor.";

/** What it adds to the answer. */
function shownOf({ node, edge, line }: GraphPart, format: Format): JsonObject {
  return {
    ...(format === "mermaid" ? {} : { ...node, ...edge, order: node?.["key"] ?? "" }),
    ...(format === "json" || line === undefined ? {} : { line }),
  };
}
