/** How often a principal may write. In memory: the device's own limits do not sleep. */
import { failure, type Failure } from "#shared/failure.ts";
import type { WritePolicy } from "../../access/write-policy.ts";
import { RateBuckets } from "../calls/rate-buckets.ts";

export interface RatedWrite {
  readonly principal: string;
  readonly instance: string;
  readonly record: string;
  /** Of the rules that fit the record. */
  readonly maxPerMinute: number | undefined;
}

export class WriteRates {
  readonly #nowMs: () => number;
  readonly #buckets = new RateBuckets();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Why the write is one too many; undefined if it is not, and then it counts. */
  take(write: RatedWrite, policy: WritePolicy): Failure | undefined {
    const { principal, instance, record, maxPerMinute = 0 } = write;
    const place = `${instance}/${record}`;
    const limits = [
      [policy.writes_per_minute, `principal ${principal}`],
      [policy.writes_per_minute_per_record, `record ${principal} ${place}`],
      [maxPerMinute, `rule ${place}`],
    ] as const;
    const nowMs = this.#nowMs();
    const buckets = limits.flatMap(([perMinute, name]) =>
      perMinute === 0 ? [] : [this.#buckets.of(name, perMinute, nowMs)],
    );
    const waitMs = Math.max(0, ...buckets.map((bucket) => bucket.waitMs(nowMs)));
    if (waitMs > 0) {
      return failure("rate_limited", "The team limits writes per minute. Nothing was written.", {
        retry_after_s: Math.ceil(waitMs / 1000),
      });
    }
    for (const bucket of buckets) bucket.take(nowMs);
    return undefined;
  }
}
