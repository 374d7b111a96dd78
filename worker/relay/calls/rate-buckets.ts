/**
 * A rate for each of many names, in memory. Beyond the maximum, the one used longest ago is forgotten and starts
 * full again, as it would be by itself unless all the others came within one minute. One that is refused and keeps
 * asking stays.
 */
import { RateLimit } from "#shared/access/rate-limit.ts";

/** More principals and records than one relay serves within a minute. */
const MAX_BUCKETS = 1_000;

export class RateBuckets {
  /** Ordered by last use. */
  readonly #buckets = new Map<string, RateLimit>();

  /** A changed rate starts a new bucket. */
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
