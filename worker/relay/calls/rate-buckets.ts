/**
 * A rate for each of many, in memory. Of too many the one that was asked about longest ago is forgotten, and is full
 * when it comes again: as it would be by itself, unless all the others came within a minute. Whoever is refused and
 * goes on asking stays.
 */
import { RateLimit } from "#shared/access/rate-limit.ts";

/** More principals and records than one relay serves within a minute. */
const MAX_BUCKETS = 1_000;

export class RateBuckets {
  /** What was asked about last comes last. */
  readonly #buckets = new Map<string, RateLimit>();

  /** A rate that has changed is another one. */
  of(name: string, perMinute: number, nowMs: number): RateLimit {
    const key = `${perMinute} ${name}`;
    const bucket = this.#buckets.get(key) ?? new RateLimit(perMinute, nowMs);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest = key] = this.#buckets.keys();
    if (this.#buckets.size > MAX_BUCKETS) this.#buckets.delete(oldest);
    return bucket;
  }
}
