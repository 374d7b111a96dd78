import { expect, test } from "vitest";
import { CacheUses } from "../../../worker/metrics/cache-uses.ts";

const NONE = { hits: 0, misses: 0 };

test("uses of a team's caches are reported once, and again if that failed", () => {
  const uses = new CacheUses();
  uses.note("a", "callers", true);
  uses.note("a", "relay_names", false);
  uses.note("b", "callers", false);
  const taken = uses.take("a");

  expect(taken).toEqual([
    { cache: "callers", hits: 1, misses: 0 },
    { cache: "relay_names", hits: 0, misses: 1 },
  ]);
  expect(uses.take("a")).toEqual([]);

  uses.note("a", "callers", true);
  uses.putBack("a", taken);

  expect(uses.take("a")).toEqual([
    { cache: "callers", hits: 2, misses: 0 },
    { cache: "relay_names", hits: 0, misses: 1 },
  ]);
});

test("uses are kept of a thousand teams: the oldest goes", () => {
  const uses = new CacheUses();
  for (let n = 0; n <= 1_000; n += 1) uses.note(`t${n}`, "callers", true);

  expect(uses.take("t0")).toEqual([]);
  expect(uses.take("t1")).toEqual([
    { cache: "callers", hits: 1, misses: 0 },
    { cache: "relay_names", ...NONE },
  ]);
});
