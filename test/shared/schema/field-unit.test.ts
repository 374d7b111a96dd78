import { expect, test } from "vitest";
import { unitByName, wordsOf } from "#shared/schema/field-unit.ts";

test.each([
  ["celsius", "°C"],
  ["cpu_temp_celsius", "°C"],
  ["TemperatureFahrenheit", "°F"],
  ["percent", "%"],
  ["uptime_seconds", "s"],
  ["uptimeSeconds", "s"],
  ["latency_ms", "ms"],
  ["latencyMs", "ms"],
  ["total_time_ns", "ns"],
  ["rx_bytes", "B"],
  ["latitude", "°"],
  ["freq-hz", "Hz"],
  ["size_mb", "MB"],
  ["distance_km", "km"],
])("unitByName of %s is %s", (name, unit) => {
  expect(unitByName(name)).toBe(unit);
});

test.each([
  "",
  "temperature",
  "value",
  "us",
  "mb",
  "km",
  "celsius_sensor",
  "items",
  "farms",
  "constructor",
  "__proto__",
  "ü",
])("unitByName does not know the unit of %j", (name) => {
  expect(unitByName(name)).toBeUndefined();
});

test.each([
  ["cpuTempCelsius", ["cpu", "temp", "celsius"]],
  ["HTTPLatencyMs", ["http", "latency", "ms"]],
  ["a.b/c-d_e", ["a", "b", "c", "d", "e"]],
])("wordsOf takes %s apart", (name, words) => {
  expect(wordsOf(name)).toEqual(words);
});
