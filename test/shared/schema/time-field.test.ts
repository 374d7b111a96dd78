import { expect, test } from "vitest";
import { isIsoTime, isTimeName, unixTimeOf } from "#shared/schema/time-field.ts";

const NOW_S = 1_795_171_237;

test.each([
  ["timestamp", NOW_S, "s"],
  ["created_at", NOW_S + 0.5, "s"],
  ["timestamp", NOW_S * 1e3, "ms"],
  ["x", NOW_S * 1e3, "ms"],
  ["x", NOW_S * 1e6, "µs"],
  ["x", NOW_S * 1e9, "ns"],
])("unixTimeOf %s, which is %d, is in %s", (name, value, unit) => {
  expect(unixTimeOf(name, value, value)).toMatchObject({ unit });
});

test.each([
  ["a count of the size of Unix seconds", "serial", NOW_S, NOW_S],
  ["a small number by a time's name", "time", 0, 12],
  ["numbers of more than one scale", "timestamp", NOW_S, NOW_S * 1e3],
  ["a number beyond all times", "timestamp", 1e30, 1e30],
])("unixTimeOf does not take for a time %s", (_name, name, min, max) => {
  expect(unixTimeOf(name, min, max)).toBeUndefined();
});

test("isTimeName goes by the last word", () => {
  expect(["timestamp", "updated_at", "lastUpdated", "since"].every(isTimeName)).toBe(true);
  expect(["time_zone", "uptime", "format", "celsius", ""].some(isTimeName)).toBe(false);
});

test.each([
  ["2026-11-20T12:00:00Z", true],
  ["2026-11-20T12:00Z", true],
  ["2026-11-20T12:00:00.123456789+01:00", true],
  ["2026-11-20", false],
  ["2026-11-20 12:00:00", false],
  ["2026-13-40T99:00:00Z", false],
  ["T12:00:00Z", false],
  ["", false],
])("isIsoTime of %j is %s", (text, is) => {
  expect(isIsoTime(text)).toBe(is);
});
