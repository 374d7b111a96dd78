import { expect, test } from "vitest";
import { sourceOf } from "#shared/metrics/failure-source.ts";

test.each([
  ["relay_offline", "link"],
  ["link_lost", "link"],
  ["instance_down", "instance"],
  ["instance_slow", "instance"],
  ["refused_by_device", "device"],
  ["refused_by_team", "team"],
])("%s is told apart as %s", (code, source) => {
  expect(sourceOf(code)).toBe(source);
});

test.each(["ok", "applied", "unknown", "constructor", ""])("%j is no failure", (outcome) => {
  expect(sourceOf(outcome)).toBeUndefined();
});
