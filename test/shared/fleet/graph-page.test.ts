import { describe, expect, test } from "vitest";
import { graphItems, pageOfGraph, toGraphPage, type GraphItem } from "#shared/fleet/graph-page.ts";
import type { MethodResult } from "#shared/link/method.ts";

type Graph = MethodResult<"graph.get">;

function node(key: string): Graph["nodes"][number] {
  return {
    key,
    origin: "source",
    buffer_type: "single_latest",
    buffer_capacity: null,
    tap_count: 0,
    has_outbound_link: false,
  };
}

/** `a → b → c`, a tap at `a`, and `other` by itself; not told in their order. */
const GRAPH: Graph = {
  nodes: ["c", "other", "b", "a"].map(node),
  edges: [
    { from: "b", to: "c", edge_type: "transform" },
    { from: "a", to: "b", edge_type: "transform" },
    { from: "a", to: null, edge_type: { tap: { index: 0 } } },
    { from: null, to: "a", edge_type: "source" },
  ],
  order: ["a", "b", "c", "other"],
};

function itemsOf(record?: string): readonly GraphItem[] {
  const items = graphItems(GRAPH, record);
  if (!items.ok) throw new Error(items.error.message);
  return items.value;
}

function namesOf(items: readonly GraphItem[]): string[] {
  return items.map((item) =>
    "node" in item ? item.node.key : `${item.edge.from ?? "*"}>${item.edge.to ?? "*"}`,
  );
}

describe("graphItems()", () => {
  test("are the records in their order, each with its edges behind it [Q-19]", () => {
    expect(namesOf(itemsOf())).toEqual(["a", "a>*", "*>a", "b", "a>b", "c", "b>c", "other"]);
  });

  test("have their places, and edges those of both ends", () => {
    expect(itemsOf()[4]).toMatchObject({ edge: { from_place: 1, to_place: 2 } });
    expect(itemsOf()[2]).toMatchObject({ edge: { from_place: null, to_place: 1 } });
    expect(itemsOf()[7]).toMatchObject({ node: { place: 4 } });
  });

  test("are of a record what feeds it and what it feeds, placed among these", () => {
    expect(namesOf(itemsOf("c"))).toEqual(["a", "a>*", "*>a", "b", "a>b", "c", "b>c"]);
    expect(itemsOf("other")).toMatchObject([{ node: { key: "other", place: 1 } }]);
  });

  test("name what is nearest to a record that there is none of", () => {
    expect(graphItems(GRAPH, "othr")).toMatchObject({
      error: { code: "unknown_record", details: { nearest: ["other"] } },
    });
  });

  test("keep of what is too long its kind", () => {
    const inputs = Array.from({ length: 1_000 }, (_, i) => `input.${i}`);
    const nodes = [{ ...node("a"), origin: { transform_join: { inputs } } }];

    expect(graphItems({ nodes, edges: [], order: [] }, undefined)).toMatchObject({
      value: [{ node: { origin: { transform_join: "(too long to show)" } } }],
    });
  });
});

test("toGraphPage() counts all and has what is shown", () => {
  const items = itemsOf();
  expect(toGraphPage(items, items.slice(3, 5), 5)).toMatchObject({
    nodes: [{ key: "b" }],
    edges: [{ from: "a", to: "b" }],
    order: ["b"],
    total: 4,
    total_edges: 4,
    next_offset: 5,
  });
});

describe("pageOfGraph()", () => {
  test("takes a part out of the whole graph that an older relay gives", () => {
    const page = pageOfGraph(GRAPH, { record: "c", offset: 3, limit: 2 });
    expect(page).toMatchObject({
      value: { order: ["b"], edges: [{ from: "a", to: "b" }], total: 3, next_offset: 5 },
    });
    expect(pageOfGraph(GRAPH, { offset: 0, limit: 8 })).toMatchObject({
      value: { next_offset: null },
    });
  });

  test("gives a page as it is", () => {
    const items = itemsOf();
    const page = toGraphPage(items, items.slice(0, 2), 2);

    expect(pageOfGraph(page, { offset: 0, limit: 1 })).toEqual({ ok: true, value: page });
  });
});
