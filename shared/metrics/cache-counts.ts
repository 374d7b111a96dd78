/** How often caches had what was asked for. The set of caches is fixed, whatever is counted. */
import * as z from "zod/mini";

const count = z.number().check(z.int(), z.minimum(0));

export const cacheCountsSchema = z.array(
  z.object({ cache: z.string(), hits: count, misses: count }),
);
export type CacheCounts = z.infer<typeof cacheCountsSchema>;

export class CacheTally<Cache extends string> {
  readonly #uses: ReadonlyMap<string, { hits: number; misses: number }>;

  constructor(caches: readonly Cache[]) {
    this.#uses = new Map(caches.map((cache) => [cache, { hits: 0, misses: 0 }]));
  }

  note(cache: Cache, isHit: boolean): void {
    this.add([{ cache, hits: isHit ? 1 : 0, misses: isHit ? 0 : 1 }]);
  }

  /** A cache that does not exist here, as from another release, is left out. */
  add(counts: CacheCounts): void {
    for (const { cache, hits, misses } of counts) {
      const uses = this.#uses.get(cache);
      if (uses === undefined) continue;
      uses.hits += hits;
      uses.misses += misses;
    }
  }

  read(): CacheCounts {
    return [...this.#uses].map(([cache, uses]) => ({ cache, ...uses }));
  }
}
