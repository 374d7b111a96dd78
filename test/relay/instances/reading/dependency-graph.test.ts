import { describe, expect, test } from "vitest";
import type { GraphEdge, GraphNode } from "#shared/aimx/graph.ts";
import { toDependencyGraph } from "../../../../relay/instances/reading/dependency-graph.ts";

function node(key: string, origin: GraphNode["origin"] = "passive"): GraphNode {
  return {
    key,
    origin,
    buffer_type: "single_latest",
    tap_count: 0,
    has_outbound_link: false,
  };
}

const NODES = [
  node("temp", "source"),
  node("secret", "source"),
  node("fahrenheit", { transform: { input: "temp" } }),
  node("mixed", { transform_join: { inputs: ["temp", "secret"] } }),
];
const EDGES: GraphEdge[] = [
  { edge_type: "source", from: null, to: "temp" },
  { edge_type: "source", from: null, to: "secret" },
  { edge_type: { tap: { index: 0 } }, from: "temp", to: null },
  { edge_type: { tap: { index: 0 } }, from: "secret", to: null },
  { edge_type: "transform", from: "temp", to: "fahrenheit" },
  { edge_type: "transform_join", from: "temp", to: "mixed" },
  { edge_type: "transform_join", from: "secret", to: "mixed" },
  { edge_type: { link_out: { protocol: "mqtt" } }, from: "fahrenheit", to: null },
];
const HOST = { nodes: NODES, edges: EDGES, order: ["temp", "secret", "fahrenheit", "mixed"] };

describe("toDependencyGraph", () => {
  test("tells of each record what feeds it and what reads it", () => {
    const { producers, consumers } = toDependencyGraph(HOST, []);
    expect(producers.get("mixed")).toEqual([
      { type: "transform_join", record: "temp" },
      { type: "transform_join", record: "secret" },
    ]);
    expect(consumers.get("temp")).toEqual([
      { type: "tap" },
      { type: "transform", record: "fahrenheit" },
      { type: "transform_join", record: "mixed" },
    ]);
    expect(consumers.get("fahrenheit")).toEqual([{ type: "link_out", protocol: "mqtt" }]);
    expect(consumers.get("mixed")).toBeUndefined();
  });

  test("leaves the host's graph as it is where nothing is hidden", () => {
    expect(toDependencyGraph(HOST, [])).toMatchObject(HOST);
  });

  test("names a hidden record nowhere [Q-16]", () => {
    const graph = toDependencyGraph(HOST, ["sec*"]);
    const { nodes, edges, order, origins } = graph;

    expect(JSON.stringify([graph, [...graph.producers], [...graph.consumers]])).not.toContain(
      "secret",
    );
    expect(nodes.map(({ key }) => key)).toEqual(["temp", "fahrenheit", "mixed"]);
    expect(order).toEqual(["temp", "fahrenheit", "mixed"]);
    expect(origins.get("mixed")).toEqual({ transform_join: { inputs: ["temp", null] } });
    expect(edges).toContainEqual({ edge_type: "transform_join", from: null, to: "mixed" });
    expect(edges).toHaveLength(6);
  });

  test("hides a record that only an edge or the order names [Q-16]", () => {
    const edges: GraphEdge[] = [{ edge_type: "transform", from: "temp", to: "secret.2" }];
    const graph = toDependencyGraph({ nodes: NODES, edges, order: ["secret.2"] }, ["secret*"]);
    expect(graph).toMatchObject({ edges: [], order: [] });
  });

  test("keeps the word of an origin that a hidden record has for its key", () => {
    const graph = toDependencyGraph(HOST, ["transform*", "source", "m*tt"]);
    expect(graph.origins.get("temp")).toBe("source");
    expect(graph.origins.get("fahrenheit")).toEqual({ transform: { input: "temp" } });
  });

  test.each([
    ["mqtt://user:p@ss@broker:1883/a/b", "mqtt://broker:1883/a/b"],
    ["wss://broker/feed?token=abc#x", "wss://broker/feed"],
    ["mqtt://broker", "mqtt://broker"],
    ["not an address", "not an address"],
  ])("shows the address %s as %s [Q-17]", (address, shown) => {
    const link = node("in", { link: { protocol: "mqtt", address } });
    const { origins, nodes } = toDependencyGraph({ nodes: [link], edges: [], order: [] }, []);
    expect(origins.get("in")).toEqual({ link: { protocol: "mqtt", address: shown } });
    expect(nodes[0]?.origin).toEqual({ link: { protocol: "mqtt", address: shown } });
  });

  test("takes an edge of a form that it does not know as it is", () => {
    const edges: GraphEdge[] = [{ edge_type: {}, from: "a", to: null }];
    const { consumers } = toDependencyGraph({ nodes: [], edges, order: [] }, []);
    expect(consumers.get("a")).toEqual([{ type: "unknown" }]);
  });
});
