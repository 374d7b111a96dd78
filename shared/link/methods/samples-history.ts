/** What a record was in a span of time: from the host's persistence, or from what the relay kept. */
import * as z from "zod/mini";
import { MAX_TEXT_LENGTH } from "../limits.ts";
import { lossSchema, sampleSchema } from "../sample.ts";
import { count, maxBytes, recordName } from "./fields.ts";
import { gapSchema } from "./samples-read.ts";

const bucketSchema = z.object({
  /** Where it begins, on the session clock; it is `bucket_ms` long, and the last ends where the span does. */
  at_ms: z.number(),
  count,
  /** By path into the value; `.` is the value itself. Numeric fields only. */
  fields: z.record(
    z.string(),
    z.object({ min: z.number(), max: z.number(), mean: z.number(), last: z.number() }),
  ),
});
export type HistoryBucket = z.infer<typeof bucketSchema>;

export const samplesHistory = {
  params: z.object({
    record: recordName,
    /** From and to, in milliseconds from receipt, hence not above 0. Absent: all there is, up to now. */
    from_in_ms: z.optional(z.number().check(z.maximum(0))),
    to_in_ms: z.optional(z.number().check(z.maximum(0))),
    /** At most this many samples, or buckets; the newest. */
    max_points: z.number().check(z.int(), z.minimum(1), z.maximum(2_000)),
    /** Present: buckets instead of samples, the empty ones left out. */
    bucket_ms: z.optional(z.number().check(z.int(), z.minimum(1))),
    max_bytes: maxBytes,
  }),
  result: z.object({
    record_key: z.string(),
    loss: lossSchema,
    source: z.enum(["host", "relay"]),
    /** Oldest first; empty if buckets were asked for. */
    samples: z.array(sampleSchema),
    buckets: z.optional(z.array(bucketSchema)),
    /** How many samples the span holds, including those not given. */
    total: count,
    /** False: the span's older samples were not looked at, so `total` is a lower bound. */
    is_total_exact: z.boolean(),
    gaps: z.array(gapSchema),
    /** The oldest that the source still has, on the session clock; null if it has none or was not asked. */
    oldest_at_ms: z.nullable(z.number()),
    /** Why the host's persistence did not answer, if the relay did in its place. */
    host_reason: z.optional(z.string().check(z.maxLength(MAX_TEXT_LENGTH))),
  }),
} as const;
