import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestNames, nearestRecords } from "#shared/text/nearest.ts";

const KEYS = ["sensor.temp", "sensor.humidity", "app.settings", "device.command"];

test.each([
  ["sensor.tmp", ["sensor.temp", "sensor.humidity"]],
  ["Sensor.Temp", ["sensor.temp", "sensor.humidity"]],
  ["temp", ["sensor.temp"]],
  ["settings", ["app.settings"]],
  ["zzzzzzzzzzzzzzzzzz", []],
])("nearestNames(%j) is %j", (wanted, nearest) => {
  expect(nearestNames(wanted, KEYS)).toEqual(nearest);
});

test("nearestNames puts the closest first and equals by name", () => {
  expect(nearestNames("tank-1", ["tank-11", "tank-3", "tank-1x", "tank-2"])).toEqual([
    "tank-11",
    "tank-1x",
    "tank-2",
    "tank-3",
  ]);
});

test("nearestNames gives five at most, each of the given names", () => {
  fc.assert(
    fc.property(fc.string(), fc.uniqueArray(fc.string()), (wanted, names) => {
      const nearest = nearestNames(wanted, names);
      expect(nearest.length).toBeLessThanOrEqual(5);
      expect(nearest.every((name) => names.includes(name))).toBe(true);
    }),
  );
});

test("nearestNames puts an existing name first", () => {
  const key = fc.stringMatching(/^[a-z.]{1,30}$/);
  fc.assert(
    fc.property(key, fc.uniqueArray(key), (wanted, others) => {
      const [first] = nearestNames(wanted, new Set([...others, wanted]));
      expect(first).toBe(wanted);
    }),
  );
});

test("nearestNames stays fast on names without end", () => {
  const names = Array.from({ length: 200 }, (_, i) => `${"x".repeat(100_000)}${i}`);
  expect(nearestNames("y".repeat(100_000), names)).toEqual([]);
});

test("nearestNames compares long names where they differ, and offers none that are unlike", () => {
  const names = ["s1", "s2", "s3"].map((end) => `${"building.floor.".repeat(16)}${end}`);

  expect(nearestNames(`${"building.floor.".repeat(16)}x2`, names)[0]).toBe(names[1]);
  expect(nearestNames("nothing.like.it", names)).toEqual([]);
});

test("nearestNames gives the closest of long names, and no more than make a short hint", () => {
  const names = ["s1", "s2", "s3", "s4"].map((end) => `${"floor.".repeat(20)}${end}`);

  expect(nearestNames(`${"floor.".repeat(20)}s3`, names)).toEqual([names[2], names[0]]);
  expect(nearestNames("y", ["y".repeat(400), "x"])).toEqual(["x"]);
  expect(nearestNames("yyyy", ["y".repeat(400), "zzzz"])).toEqual(["y".repeat(400)]);
});

const RECORDS = [
  { key: "sensor.t1", type_name: "demo_host::Temperature" },
  { key: "sensor.up", type_name: "demo_host::Status" },
  { key: "device.command", type_name: "Vec<demo_host::Command>" },
];

test.each([
  ["Temperature", ["sensor.t1"]],
  ["server::Temperature", ["sensor.t1"]],
  ["température", ["sensor.t1"]],
  ["temp", ["sensor.t1"]],
  ["commands", ["device.command"]],
  ["sensor.t2", ["sensor.t1", "sensor.up"]],
  ["st", []],
  ["Humidity", []],
])("nearestRecords(%j) is %j", (wanted, nearest) => {
  expect(nearestRecords(wanted, RECORDS)).toEqual(nearest);
});

test("nearestRecords puts a like key before a like type", () => {
  const records = [
    { key: "a", type_name: "demo_host::Settings" },
    { key: "app.settings", type_name: "demo_host::Other" },
  ];
  expect(nearestRecords("settings", records)).toEqual(["app.settings", "a"]);
});
