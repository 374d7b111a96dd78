import { expect, test } from "vitest";
import { fakeInstance, recordRow } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

/** A record that feeds another, as in any instance with a graph. */
function derived() {
  const typeName = `plant::${"Temperature".repeat(20)}`;
  return [
    recordRow("sensor.temp", {
      type_name: typeName,
      consumers: [{ type: "transform", record: "derived.temp" }],
    }),
    recordRow("derived.temp", { producers: [{ type: "transform", record: "sensor.temp" }] }),
  ];
}

test.each([undefined, 2_000])(
  "a snapshot of a record has that record first, in several instances and %s bytes",
  async (max_bytes) => {
    const names = ["a/x", "b/x", "c/x", "d/x"];
    const fleet = new FakeFleet(
      names.map((name) => fakeInstance(name, [], { records: derived() })),
    );

    const one = await callTool(fleet, "snapshot", {
      record_name: "sensor.temp",
      instance: "a/x",
      max_bytes,
    });
    const { json } = await callTool(fleet, "snapshot", { record_name: "sensor.temp", max_bytes });

    const found = [one.json, ...json.results].map(({ records }) => records[0]?.name);
    expect(new Set(found)).toEqual(new Set(["sensor.temp"]));
  },
);
