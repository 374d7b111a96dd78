import { expect, test } from "vitest";
import type { GraphEdge } from "#shared/aimx/graph.ts";
import { countConsumers } from "../../../relay/instances/consumers.ts";

test("countConsumers counts what leads away from each record", () => {
  const edges: GraphEdge[] = [
    { edge_type: "source", from: null, to: "temp" },
    { edge_type: { tap: { index: 0 } }, from: "temp", to: null },
    { edge_type: { tap: { index: 1 } }, from: "temp", to: null },
    { edge_type: "transform", from: "temp", to: "fahrenheit" },
    { edge_type: { link_out: { protocol: "mqtt" } }, from: "fahrenheit", to: null },
  ];

  expect(countConsumers(edges)).toEqual(
    new Map([
      ["temp", 3],
      ["fahrenheit", 1],
    ]),
  );
});

test("countConsumers finds none in no graph", () => {
  expect(countConsumers([])).toEqual(new Map());
});
