import { describe, expect, test } from "vitest";
import { MAX_RESULT_BYTES } from "#shared/link/limits.ts";
import { toDependencyGraph } from "../../../../relay/instances/reading/dependency-graph.ts";
import { graphOf } from "../../../../relay/instances/reading/graph.ts";

const KEYS = Array.from({ length: 2_000 }, (_, i) => `${"site.".repeat(45)}${i}`);

const ROWS = KEYS.map((record_key, i) => ({
  record_key,
  type_name: i === 7 ? "Seventh" : "Many",
  type_id: "0",
  buffer_type: "single_latest" as const,
  writable: false,
}));

/** As long a graph as an inventory announces records. */
const VIEW = {
  rows: ROWS,
  graph: toDependencyGraph(
    {
      nodes: KEYS.map((key) => ({
        key,
        origin: "source",
        buffer_type: "single_latest" as const,
        tap_count: 0,
        has_outbound_link: false,
      })),
      edges: KEYS.map((to) => ({ from: null, to, edge_type: "source" })),
      order: KEYS,
    },
    [],
  ),
};

describe("graphOf()", () => {
  test("is the whole graph for who asks for no page", () => {
    expect(graphOf(VIEW, {})).toMatchObject({ value: { order: KEYS } });
  });

  test("reaches all of a large one, page by page, each within what a link carries [Q-19]", () => {
    const order: string[] = [];
    let edges = 0;
    let offset: number | null = 0;
    while (offset !== null) {
      const page = graphOf(VIEW, { offset, limit: 5_000 });
      if (!page.ok) throw new Error(page.error.message);
      expect(JSON.stringify(page.value).length).toBeLessThan(MAX_RESULT_BYTES);
      expect(page.value).toMatchObject({ total: 2_000, total_edges: 2_000 });
      order.push(...page.value.order);
      edges += page.value.edges.length;
      offset = page.value.next_offset ?? null;
    }

    expect(order).toEqual(KEYS);
    expect(edges).toBe(2_000);
  });

  test("is that of one record, by its key or a type name of its own", () => {
    const record = KEYS[7];
    expect(graphOf(VIEW, { record, limit: 10 })).toMatchObject({ value: { order: [record] } });
    expect(graphOf(VIEW, { record: "Seventh", limit: 10 })).toMatchObject({
      value: { order: [record], total: 1, total_edges: 1 },
    });
    expect(graphOf(VIEW, { record: "none", limit: 10 })).toMatchObject({
      error: { code: "unknown_record" },
    });
  });
});
