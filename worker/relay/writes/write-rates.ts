/** How often a principal may write. In memory: the device's own limits do not sleep. */
import { failure, type Failure } from "#shared/failure.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { WritePolicy } from "../../access/write-policy.ts";
import { RateBuckets } from "../calls/rate-buckets.ts";

export interface RatedWrite {
  readonly principal: string;
  readonly instance: string;
  readonly record: string;
  /** From the rules that match the record. */
  readonly maxPerMinute: number | undefined;
}

export interface RateTaken {
  /** For a write that is decided on again. */
  readonly giveBack: () => void;
}

export class WriteRates {
  readonly #nowMs: () => number;
  readonly #buckets = new RateBuckets();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Refuses a write that is one too many; otherwise counts it. */
  take(write: RatedWrite, policy: WritePolicy): Result<RateTaken, Failure> {
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
      return err(failure("rate_limited", TOO_OFTEN, { retry_after_s: Math.ceil(waitMs / 1000) }));
    }
    for (const bucket of buckets) bucket.take(nowMs);
    return ok({ giveBack: () => buckets.forEach((bucket) => bucket.giveBack()) });
  }
}

const TOO_OFTEN = "The team limits writes per minute. Nothing was written.";
