import { describe, expect, test } from "vitest";
import { complete } from "#shared/mcp/serving/completion.ts";
import { fakeInstance } from "../support/builders.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

const fleet = new FakeFleet([
  fakeInstance("gw-1/plant", ["sensor.temp", "app.settings", "evil\u202e"]),
  fakeInstance("gw-1/line", ["sensor.speed"]),
  fakeInstance("gw-2/plant", ["sensor.temp"]),
]);

async function valuesOf(name: string, value: string, given: Record<string, string> = {}) {
  const ref = { type: "ref/prompt" as const, name: "debug_record" };
  const { completion } = await complete(fleet, {
    ref,
    argument: { name, value },
    context: { arguments: given },
  });
  return completion.values;
}

describe("complete()", () => {
  test.each([
    ["relay", "gw", {}, ["gw-1", "gw-2"]],
    ["name", "", { relay: "gw-1" }, ["plant", "line"]],
    ["name", "pl", {}, ["plant"]],
    ["instance", "gw-2", {}, ["gw-2/plant"]],
    ["instance", "line", {}, ["gw-1/line"]],
    ["record_name", "sens", {}, ["sensor.temp", "sensor.speed"]],
    ["record_name", "TEMP", {}, ["sensor.temp"]],
    ["record_name", "", { instance: "gw-1/line" }, ["sensor.speed"]],
    ["key", "s", { relay: "gw-1", name: "plant" }, ["sensor.temp", "app.settings"]],
    ["goal", "w", {}, []],
  ])("offers for %s %j, given %j, %j", async (name, value, given, expected) => {
    expect(await valuesOf(name, value, given)).toEqual(expected);
  });

  test("offers no key whose text hides something", async () => {
    expect(await valuesOf("record_name", "evil")).toEqual([]);
  });

  test("offers a hundred at most, and says how many there are", async () => {
    const keys = Array.from({ length: 150 }, (_, i) => `sensor.${i}`);
    const many = new FakeFleet([fakeInstance("gw-1/plant", keys)]);
    const { completion } = await complete(many, {
      ref: { type: "ref/prompt", name: "debug_record" },
      argument: { name: "record_name", value: "sensor" },
    });

    expect(completion.values).toHaveLength(100);
    expect(completion).toMatchObject({ total: 150, hasMore: true });
  });
});
