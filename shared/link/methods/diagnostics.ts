/** Counters of buffers and stages, if the host was built with them. */
import * as z from "zod/mini";
import { bufferTypeSchema } from "../../aimx/record-row.ts";
import { jsonValueSchema } from "../../json/json.ts";
import { MAX_RECORDS_PER_INSTANCE } from "../limits.ts";
import { count, recordName } from "./fields.ts";

const rowSchema = z.object({
  record_key: z.string(),
  type_name: z.string(),
  buffer_type: bufferTypeSchema,
  buffer_capacity: z.optional(count),
  produced_count: z.optional(count),
  consumed_count: z.optional(count),
  dropped_count: z.optional(count),
  /** Used and capacity. */
  occupancy: z.optional(z.tuple([count, count])),
  /** As the host sends them: type, index, name, calls and times of each stage. */
  stage_profiling: z.optional(z.array(jsonValueSchema)),
  /** Samples of the record that this relay keeps, and their bytes. */
  kept_samples: count,
  kept_bytes: count,
});

export const diagnosticsGet = {
  params: z.object({
    record: z.optional(recordName),
    offset: z.optional(count),
    limit: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(MAX_RECORDS_PER_INSTANCE))),
  }),
  result: z.object({
    /** Whether the host was built with them. */
    has_metrics: z.boolean(),
    has_profiling: z.boolean(),
    records: z.array(rowSchema),
    total: count,
    next_offset: z.nullable(count),
    /** The relay's own connections to the host. */
    relay: z.object({
      subscriptions: count,
      /** Null if the host does not state its cap. */
      max_subscriptions: z.nullable(count),
      store_bytes: count,
      store_limit_bytes: count,
    }),
  }),
} as const;

export const diagnosticsReset = {
  params: z.object({ what: z.enum(["buffer_metrics", "stage_profiling"]) }),
  result: z.object({ reset: z.literal(true) }),
} as const;
