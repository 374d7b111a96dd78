import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import type { MethodResult } from "#shared/link/method.ts";
import { err } from "#shared/result.ts";
import { fakeInstance } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";
import { plant } from "../support/plant.ts";

type Graph = MethodResult<"graph.get">;

function graphOf(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "get_graph", { ...args });
}

/** `k0 → k1 → …`. */
function chain(length: number): Graph {
  const order = Array.from({ length }, (_, i) => `line.${i}`);
  return {
    nodes: order.map((key, i) => ({
      key,
      origin: i === 0 ? "source" : { transform: { input: `line.${i - 1}` } },
      buffer_type: "single_latest",
      buffer_capacity: null,
      tap_count: 0,
      has_outbound_link: false,
    })),
    edges: order.map((to, i) => ({
      from: i === 0 ? null : `line.${i - 1}`,
      to,
      edge_type: i === 0 ? "source" : "transform",
    })),
    order,
  };
}

function having(graph: Graph): FakeFleet {
  return new FakeFleet([fakeInstance("gw-1/plant", [], { graph })]);
}

describe("get_graph", () => {
  test("has nodes, edges and order, and the same as Mermaid", async () => {
    const { isError, json } = await graphOf(having(chain(2)));

    expect(isError).toBe(false);
    expect(json).toEqual({
      instance: "gw-1/plant",
      nodes: [
        {
          key: "line.0",
          origin: "source",
          buffer_type: "single_latest",
          buffer_capacity: null,
          tap_count: 0,
          has_outbound_link: false,
        },
        expect.objectContaining({ key: "line.1", origin: { transform: { input: "line.0" } } }),
      ],
      edges: [
        { from: null, to: "line.0", edge_type: "source" },
        { from: "line.0", to: "line.1", edge_type: "transform" },
      ],
      order: ["line.0", "line.1"],
      mermaid: [
        "flowchart LR",
        '  n1["line.0, single_latest, source"]',
        '  n2["line.1, single_latest, transform"]',
        "  n1 --> n2",
      ].join("\n"),
      total: 2,
      total_edges: 2,
      next_cursor: null,
    });
  });

  test("says of a node how big its ring is and who taps it", async () => {
    const { json } = await graphOf(new FakeFleet([plant()]), { format: "mermaid" });

    expect(json.nodes).toBeUndefined();
    expect(json.mermaid).toContain('n1["server::Temperature, spmc_ring 100, source, 1 tap"]');
    expect(json.mermaid).toContain('n4["server::Config, single_latest, passive, 3 taps"]');
  });

  test("is what feeds a record and what it feeds, at the caller's wish", async () => {
    const fleet = new FakeFleet([plant()]);

    const { json } = await graphOf(fleet, { record_name: "server::Fahrenheit", format: "json" });

    expect(json.order).toEqual(["server::Temperature", "server::Fahrenheit"]);
    expect(json.mermaid).toBeUndefined();
    expect((await graphOf(having(chain(5)), { record_name: "line.2" })).json.order).toHaveLength(5);
  });

  test("names what is nearest to a record that is not in it", async () => {
    const { json } = await graphOf(having(chain(3)), {
      instance: "gw-1/plant",
      record_name: "lin.1",
    });

    expect(json.error).toMatchObject({
      code: "unknown_record",
      nearest: expect.arrayContaining(["line.1"]),
    });
  });

  test.each([1_000, 10_000, 48_000])(
    "reaches each node and each edge once by its cursors, %i bytes at a time",
    async (max_bytes) => {
      const graph = chain(300);
      const fleet = having(graph);
      const nodes: string[] = [];
      const edges: unknown[] = [];
      let cursor: string | null = "0";
      while (cursor !== null) {
        const { json, text } = await graphOf(fleet, { cursor, max_bytes });
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(max_bytes);
        nodes.push(...json.nodes.map(({ key }: { key: string }) => key));
        edges.push(...json.edges);
        cursor = json.next_cursor;
      }

      expect(nodes).toEqual(graph.order);
      expect(edges).toEqual(graph.edges);
    },
  );

  test("pages through the edges of one record that has more than an answer holds", async () => {
    const inputs = Array.from({ length: 900 }, (_, i) => `${"long.".repeat(40)}${i}`);
    const graph = {
      nodes: [...inputs, "join"].map((key) => ({
        key,
        origin: key === "join" ? { transform_join: { inputs } } : "source",
        buffer_type: "single_latest" as const,
        buffer_capacity: null,
        tap_count: 0,
        has_outbound_link: false,
      })),
      edges: inputs.map((from) => ({ from, to: "join", edge_type: "transform_join" })),
      order: [...inputs, "join"],
    };
    const sources: unknown[] = [];
    let cursor: string | null = "900";
    while (cursor !== null) {
      const { json, isError } = await graphOf(having(graph), { cursor });
      expect(isError).toBe(false);
      sources.push(...json.edges.map(({ from }: { from: string }) => from));
      cursor = json.next_cursor;
    }

    expect(sources).toEqual(inputs);
  });

  test("labels a long key by its start and its end", async () => {
    const graph = chain(1);
    const key = `${"building.floor.".repeat(16)}temp`;
    const nodes = graph.nodes.map((node) => ({ ...node, key }));
    const { json } = await graphOf(having({ nodes, edges: [], order: [key] }));

    expect(json.mermaid).toMatch(
      /n1\["building\.floor\.build\.{3}.*floor\.temp, single_latest, source"\]/,
    );
  });

  test("has of one record no edges from what neither feeds it nor is fed by it", async () => {
    const graph = chain(3);
    const other = { ...graph.nodes[0], key: "other" } as Graph["nodes"][number];
    const edge = { from: "other", to: "line.2", edge_type: "transform_join" };
    const nodes = [...graph.nodes, other];
    const joined = { nodes, edges: [...graph.edges, edge], order: [...graph.order, "other"] };

    const { json } = await graphOf(having(joined), { record_name: "line.0" });
    expect(json).toMatchObject({ order: graph.order, edges: graph.edges, total_edges: 3 });
  });

  test("charts of pages are one chart", async () => {
    const lines: string[] = [];
    let cursor: string | null = "0";
    while (cursor !== null) {
      const args = { cursor, max_bytes: 1_000, format: "mermaid" };
      const { json } = await graphOf(having(chain(100)), args);
      lines.push(...json.mermaid.split("\n").slice(1));
      cursor = json.next_cursor;
    }

    const whole = await graphOf(having(chain(100)), { max_bytes: 48_000, format: "mermaid" });
    expect(["flowchart LR", ...lines].join("\n")).toBe(whole.json.mermaid);
  });

  test("says of a page of a chart that has nothing why, and what comes next", async () => {
    const tapped = chain(1);
    const taps = Array.from({ length: 2_000 }, (_, index) => ({
      from: "line.0",
      to: null,
      edge_type: { tap: { index } },
    }));
    const fleet = having({ ...tapped, edges: [...tapped.edges, ...taps] });
    const first = await graphOf(fleet, { format: "mermaid" });
    const second = await graphOf(fleet, { format: "mermaid", cursor: first.json.next_cursor });
    const third = await graphOf(fleet, { format: "mermaid", cursor: second.json.next_cursor });

    expect(first.json).not.toHaveProperty("note");
    expect(second.json).toMatchObject({
      mermaid: "flowchart LR",
      note: expect.stringContaining("Continue with next_cursor."),
    });
    expect(third.json).toMatchObject({ next_cursor: null });
    expect(third.json).not.toHaveProperty("note");
  });

  test("ends where records depend on each other in a circle", async () => {
    const graph = chain(3);
    graph.edges.push({ from: "line.2", to: "line.0", edge_type: "transform" });

    expect((await graphOf(having(graph), { record_name: "line.1" })).json.order).toHaveLength(3);
  });

  test("says that an old host has none, and what helps", async () => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);
    fleet.graphAnswer = err(failure("unsupported", "The host has no graph."));

    expect((await graphOf(fleet)).json.error).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("update AimDB"),
    });
  });

  test("shows a device's names as data, in JSON and in Mermaid", async () => {
    const graph = chain(1);
    const key = '\u202e"]\nclick n1 "https://evil"';
    const nodes = graph.nodes.map((node) => ({ ...node, key, origin: { '"': "\u200b" } }));
    const { json } = await graphOf(having({ nodes, edges: [], order: [key] }));

    expect(json.nodes[0].key).toContain("\\u{202e}");
    expect(json.mermaid.split("\n")).toHaveLength(2);
    expect(json.mermaid.split('"')).toHaveLength(3);
  });
});
