/** Samples after a cursor, waiting for them if need be. */
import * as z from "zod/mini";
import { MAX_WAIT_MS } from "../limits.ts";
import { lossSchema, sampleSchema } from "../sample.ts";
import { count, maxBytes, recordName } from "./fields.ts";

export const cursorSchema = z.object({ epoch: z.string().check(z.maxLength(40)), sequence: count });
export type Cursor = z.infer<typeof cursorSchema>;

/**
 * `not_kept`: the relay's history is bounded in bytes. `lost_at_host`: the host says it dropped them. `link_slow`: the
 * relay's line carries fewer, and the newest go first. `budget`: so does what is left of the device's link budget.
 */
export const gapSchema = z.object({
  reason: z.enum([
    "relay_restarted",
    "host_reconnected",
    "not_kept",
    "lost_at_host",
    "link_slow",
    "budget",
  ]),
  /** Samples that are missing; null where nobody can count them. */
  missed: z.nullable(count),
});
export type Gap = z.infer<typeof gapSchema>;

export const samplesRead = {
  params: z.object({
    record: recordName,
    /** Absent: from now on, or from the oldest kept. */
    after: z.optional(cursorSchema),
    /** Where a read without `after` starts; absent is `now`. */
    from: z.optional(z.enum(["now", "oldest"])),
    /** The answer comes when one of these is reached, and holds no more than they allow. */
    wait_ms: z.number().check(z.minimum(0), z.maximum(MAX_WAIT_MS)),
    max_samples: z.number().check(z.int(), z.minimum(0), z.maximum(10_000)),
    max_bytes: maxBytes,
    /** Only samples observed up to then, in milliseconds from receipt; negative is in the past. */
    until_in_ms: z.optional(z.number()),
  }),
  result: z.object({
    record_key: z.string(),
    loss: lossSchema,
    /** Oldest first. */
    samples: z.array(sampleSchema),
    gaps: z.array(gapSchema),
    /** Just after the last sample given: the next read's `after`. */
    cursor: cursorSchema,
    /** There are already more than were given. */
    more: z.boolean(),
  }),
} as const;
