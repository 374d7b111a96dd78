import { expect, test } from "vitest";
import { CacheTally } from "#shared/metrics/cache-counts.ts";
import { cacheMetric } from "#shared/metrics/cache-metric.ts";
import { toExposition } from "#shared/metrics/exposition.ts";

const linesOf = (tally: CacheTally<string>) =>
  toExposition([cacheMetric("aimdb", [{ labels: { team: "t" }, caches: tally.read() }])])
    .split("\n")
    .slice(2, -1);

test("cacheMetric has hits and misses of each cache, also of one that nobody used", () => {
  const tally = new CacheTally(["callers", "relay_names"]);
  tally.note("callers", true);
  tally.note("callers", true);
  tally.note("callers", false);

  expect(linesOf(tally)).toEqual([
    'aimdb_cache_requests_total{team="t",cache="callers",result="hit"} 2',
    'aimdb_cache_requests_total{team="t",cache="callers",result="miss"} 1',
    'aimdb_cache_requests_total{team="t",cache="relay_names",result="hit"} 0',
    'aimdb_cache_requests_total{team="t",cache="relay_names",result="miss"} 0',
  ]);
});

test("CacheTally adds up, and takes up no cache that is not one of its own", () => {
  const tally = new CacheTally(["callers"]);
  const told = [
    { cache: "callers", hits: 3, misses: 4 },
    { cache: "made_up", hits: 1, misses: 1 },
  ];
  tally.add(told);
  tally.add(told);

  expect(tally.read()).toEqual([{ cache: "callers", hits: 6, misses: 8 }]);
});
