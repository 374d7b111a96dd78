import { expect, test } from "vitest";
import { describeGraph } from "../../../../../worker/selfhost/simulator/database/graph.ts";
import type { RecordDefinition } from "../../../../../worker/selfhost/simulator/database/record-definition.ts";

function record(key: string, origin?: RecordDefinition["origin"], taps = 0): RecordDefinition {
  const buffer = { kind: "single_latest" } as const;
  return { key, typeName: "x::T", shape: "u64", buffer, taps, ...(origin && { origin }) };
}

const RECORDS = [
  record("sum", { kind: "transform_join", inputs: ["a", "b"] }),
  record("a", { kind: "source" }, 1),
  record("b", { kind: "link", protocol: "mqtt", address: "mqtt://b" }),
  record("c", { kind: "transform", input: "sum", map: () => 1 }),
  record("d"),
];

test("a graph reports the true origin of every record", () => {
  const nodes = JSON.parse(describeGraph(RECORDS).nodes) as { origin: unknown }[];

  expect(nodes.map(({ origin }) => origin)).toEqual([
    { transform_join: { inputs: ["a", "b"] } },
    "source",
    { link: { protocol: "mqtt", address: "mqtt://b" } },
    { transform: { input: "sum" } },
    "passive",
  ]);
});

test("a graph's edges lead into records, between them and out to taps", () => {
  expect(JSON.parse(describeGraph(RECORDS).edges)).toEqual([
    { edge_type: "transform_join", from: "a", to: "sum" },
    { edge_type: "transform_join", from: "b", to: "sum" },
    { edge_type: "source", from: null, to: "a" },
    { edge_type: { tap: { index: 0 } }, from: "a", to: null },
    { edge_type: { link: { protocol: "mqtt" } }, from: null, to: "b" },
    { edge_type: "transform", from: "sum", to: "c" },
  ]);
});

test("a graph orders records after their inputs", () => {
  expect(JSON.parse(describeGraph(RECORDS).topoOrder)).toEqual(["a", "b", "d", "sum", "c"]);
});

test("a graph refuses transforms that wait for each other", () => {
  const map = (): number => 1;
  const cycle = [
    record("a", { kind: "transform", input: "b", map }),
    record("b", { kind: "transform", input: "a", map }),
  ];

  expect(() => describeGraph(cycle)).toThrow("cycle");
});
