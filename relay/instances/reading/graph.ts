/** A host's graph, or a part of it: the whole may be more than one answer carries. */
import { failure, type Failure } from "#shared/failure.ts";
import { graphItems, toGraphPage } from "#shared/fleet/graph-page.ts";
import type { MethodResult, Params } from "#shared/link/method.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { CatalogView } from "../catalog.ts";
import { fittingPage } from "./page.ts";
import { resolveRecord } from "./resolve-record.ts";

export function graphOf(
  { graph, rows }: Pick<CatalogView, "graph" | "rows">,
  { record, offset, limit }: Params<"graph.get">,
): Result<MethodResult<"graph.get">, Failure> {
  if (graph === undefined) return err(NO_GRAPH);
  const whole = {
    nodes: graph.nodes.map(({ buffer_capacity = null, ...node }) => ({ ...node, buffer_capacity })),
    edges: [...graph.edges],
    order: [...graph.order],
  };
  if (limit === undefined) return ok(whole);
  const row = record === undefined ? undefined : resolveRecord(rows, record);
  if (row?.ok === false) return row;
  const items = graphItems(whole, row?.value.record_key);
  if (!items.ok) return items;
  // As long as it will be in the answer: the order names a node again.
  const page = fittingPage(items.value, { offset, limit }, (item) =>
    "node" in item ? { ...item, order: item.node.key } : item,
  );
  return ok(toGraphPage(items.value, page.items, page.nextOffset));
}

const NO_GRAPH = failure(
  "unsupported",
  "This AimDB process has no dependency graph: releases before 0.5.0 do not report it.",
);
