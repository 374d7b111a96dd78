import { expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { fakeInstance, instanceRow, recordRow } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";
import { plant } from "../support/plant.ts";

function take(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "snapshot", { ...args });
}

test("a snapshot counts a value only where it looked for one, and says how often it did", async () => {
  const names = Array.from({ length: 70 }, (_, i) => `sensor.${i}`);
  const { json } = await take(new FakeFleet([fakeInstance("gw-1/plant", names)]));

  expect(json.summary).toMatchObject({ records: 70, with_value: 50, values_read: 50 });
  expect((await take(new FakeFleet([plant()]))).json.summary.values_read).toBeUndefined();
});

test("a snapshot counts nothing that it could not look at", async () => {
  const row = instanceRow("gw-1/plant", { status: "down" });
  const gone = failure("instance_down", "Its socket file is gone.");
  const fleet = new FakeFleet([fakeInstance("gw-1/plant", [], { row, failure: gone })]);

  const { json } = await take(fleet);

  expect(json.summary).toMatchObject({ records: null, with_value: null, writable: null });
});

test("a snapshot gives a value that was lost with its process no age", async () => {
  const latest = {
    timestamp: "2026-11-20T10:00:00.000Z",
    timeSource: "observed",
    ageMs: 360_000,
    sequence: 2,
  } as const;
  const records = [recordRow("app.settings", { latest })];
  const instance = fakeInstance("gw-1/plant", [], { records, readings: new Map() });

  const { json } = await take(new FakeFleet([instance]), { record_name: "app.settings" });

  expect(json.attention).toContainEqual(expect.objectContaining({ kind: "value_lost" }));
  expect(json.records[0]).toMatchObject({ value: null, why_no_value: "no_value", age_ms: null });
});

test("a snapshot says among how many of its records it counted", async () => {
  const names = Array.from({ length: 250 }, (_, i) => `sensor.${i}`);
  const { json } = await take(new FakeFleet([fakeInstance("gw-1/plant", names)]));

  expect(json.summary).toMatchObject({
    records: 250,
    counted_among: "the first 200 of 250 records",
  });
  expect((await take(new FakeFleet([plant()]))).json.summary.counted_among).toBeUndefined();
});
