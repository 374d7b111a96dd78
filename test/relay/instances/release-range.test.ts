import { expect, test } from "vitest";
import { releaseRange } from "../../../relay/instances/release-range.ts";
import { graphOf, rowOf } from "../support/host-side/builders.ts";

const graph = graphOf([]);
const profiled = [rowOf("a", { record_id: 0, stage_profiling: [] })];
const keyed = [rowOf("a", { record_id: 0 })];

test.each([
  ["a host with stage times", "1.0", { rows: profiled, graph }, "1.1.0"],
  ["a host with a graph", "1.0", { rows: keyed, graph }, "0.5.0 – 1.1.0"],
  ["a host with record keys", "1.0", { rows: keyed, graph: undefined }, "0.3.0 – 0.4.0"],
  ["a host without", "1.0", { rows: [rowOf("a")], graph: undefined }, "0.1.0 – 0.2.0"],
  ["a host without records", "1.0", { rows: [], graph: undefined }, "0.1.0 – 0.4.0"],
  ["an AimX 2 host", "2.0", { rows: [], graph }, "a development version of summer 2026"],
  ["an AimX 3 host", "3.0", { rows: [], graph }, "2.x"],
  ["a later AimX 3 host", "3.7", { rows: [], graph }, "2.x"],
])("releaseRange of %s (%s)", (_name, version, view, release_range) => {
  expect(releaseRange(version, view)).toEqual({ release_range });
});

test("releaseRange says nothing of a wire that it does not know", () => {
  expect(releaseRange("4.0", { rows: [], graph })).toEqual({});
});
