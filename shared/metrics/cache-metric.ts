/** Counted uses of caches as a metric. Pure. */
import type { CacheCounts } from "./cache-counts.ts";
import type { Labels, Metric } from "./exposition.ts";

export interface CountedCaches {
  readonly labels?: Labels;
  readonly caches: CacheCounts;
}

export function cacheMetric(prefix: string, counted: readonly CountedCaches[]): Metric {
  return {
    name: `${prefix}_cache_requests_total`,
    help: "What caches were asked for. A hit was there and young enough; a miss had to be found out.",
    type: "counter",
    samples: counted.flatMap(({ labels = {}, caches }) =>
      caches.flatMap(({ cache, hits, misses }) => [
        { labels: { ...labels, cache, result: "hit" }, value: hits },
        { labels: { ...labels, cache, result: "miss" }, value: misses },
      ]),
    ),
  };
}
