import { expect, test } from "vitest";
import { sampleSchema } from "#shared/link/sample.ts";

const SAMPLE = { value: 1, at_ms: 0, time_source: "observed", sequence: 1, epoch: "5e1f.0" };

test.each([
  ["a value of null", { value: null }, true],
  ["no value", { value: undefined }, false],
  ["a time before the session", { at_ms: -86_400_000 }, true],
  ["a time as text", { at_ms: "now" }, false],
  ["the host's own time", { time_source: "host", host_time: "2026-11-20T14:00:00.1Z" }, true],
  ["a host time of 41 characters", { time_source: "host", host_time: "2".repeat(41) }, false],
  ["a first look", { time_source: "first_seen" }, true],
  ["an unknown source of its time", { time_source: "guessed" }, false],
  ["no number, having been read only", { sequence: null }, true],
  ["nothing said of its number", { sequence: undefined }, false],
  ["an epoch of 41 characters", { epoch: "e".repeat(41) }, false],
])("a sample with %s: %j is taken: %s", (_name, fields, success) => {
  expect(sampleSchema.safeParse({ ...SAMPLE, ...fields }).success).toBe(success);
});
