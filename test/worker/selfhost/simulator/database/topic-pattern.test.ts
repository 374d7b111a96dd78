import { expect, test } from "vitest";
import {
  globMatcher,
  topicMatcher,
} from "../../../../../worker/selfhost/simulator/database/topic-pattern.ts";

test.each([
  ["#", "a.b.c", true],
  ["a.#", "a", true],
  ["a.#", "a.b.c", true],
  ["a.#", "ab.c", false],
  ["*", "a", true],
  ["*", "a.b", false],
  ["a.*.c", "a.b.c", true],
  ["a.*", "a", false],
  ["a.#.c", "a.c", true],
  ["a.#.c", "a.b.b.c", true],
  ["a.#.c", "a.b", false],
  ["#.temp", "sensor.temp", true],
  ["#.a.#.b", "x.a.y.b", true],
  ["#.a.#.b", "x.b.y.a", false],
  ["a.b", "a.b", true],
  ["a*", "ab", false],
])("topicMatcher(%s) on %s is %s", (pattern, key, matches) => {
  expect(topicMatcher(pattern)(key)).toBe(matches);
});

test.each([
  ["*", "a.b.c", true],
  ["sensor.*", "sensor.temp", true],
  ["*.temp", "sensor.temp", true],
  ["s*r.t*p", "sensor.temp", true],
  ["sensor.temp*sensor.temp", "sensor.temp", false],
  ["**", "a", true],
  ["#", "a", false],
  ["a", "a", true],
  ["a", "ab", false],
  ["a*b*c", "axbxc", true],
  ["a*b*c", "axc", false],
])("globMatcher(%s) on %s is %s", (pattern, key, matches) => {
  expect(globMatcher(pattern)(key)).toBe(matches);
});

test("topicMatcher() answers a hostile pattern at once", () => {
  const matches = topicMatcher("#.a.".repeat(200) + "b");

  expect(matches("a.".repeat(400) + "c")).toBe(false);
});
