/** The records of an instance, with what the host's own rows get wrong put right. */
import * as z from "zod/mini";
import { bufferTypeSchema } from "../../aimx/record-row.ts";
import { jsonValueSchema } from "../../json/json.ts";
import { MAX_KEY_LENGTH, MAX_RECORDS_PER_INSTANCE } from "../limits.ts";
import { timeSourceSchema } from "../sample.ts";
import { count } from "./fields.ts";

/** One edge of the host's graph at a record: what feeds it, or what reads it. */
const graphEndSchema = z.object({
  /** `source`, `link`, `transform`, `transform_join`, `tap`, `link_out`. */
  type: z.string(),
  /** The record at the other end, if there is one. */
  record: z.optional(z.string()),
  protocol: z.optional(z.string()),
});
export type GraphEnd = z.infer<typeof graphEndSchema>;

/** The newest observed sample, without its value. */
const latestSchema = z.object({
  /** On the session clock, as in a sample. */
  at_ms: z.number(),
  time_source: timeSourceSchema,
  sequence: z.number(),
});

const recordRowSchema = z.object({
  record_key: z.string(),
  type_name: z.string(),
  type_id: z.string(),
  buffer_type: bufferTypeSchema,
  buffer_capacity: z.optional(count),
  /** From the graph; null if the host has none. */
  origin: z.nullable(jsonValueSchema),
  producer_count: z.nullable(count),
  consumer_count: z.nullable(count),
  producers: z.nullable(z.array(graphEndSchema)),
  consumers: z.nullable(z.array(graphEndSchema)),
  writable: z.boolean(),
  writable_reason: z.string(),
  created_at: z.nullable(z.string()),
  last_update: z.nullable(z.string()),
  produced_count: z.optional(count),
  entity: z.optional(z.string()),
  signal_stats: z.optional(z.array(jsonValueSchema)),
  /** `on_demand`: subscribed when a caller asks. `never`: reading it would take messages away. */
  observed: z.enum(["live", "on_demand", "never"]),
  /** Null if no sample was observed yet. */
  latest: z.nullable(latestSchema),
  /** Mean time between the samples that are kept; null if there are fewer than three. */
  mean_interval_ms: z.nullable(z.number()),
});
export type LinkRecordRow = z.infer<typeof recordRowSchema>;

export const recordList = {
  params: z.object({
    offset: z.optional(count),
    limit: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(MAX_RECORDS_PER_INSTANCE))),
    writable_only: z.optional(z.boolean()),
    /** A glob over keys, or a part of a key or a type name, whatever the case. */
    name_filter: z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_KEY_LENGTH))),
  }),
  result: z.object({
    records: z.array(recordRowSchema),
    total: count,
    next_offset: z.nullable(count),
    /** Keys like a `name_filter` that no record matches. */
    nearest: z.optional(z.array(z.string().check(z.maxLength(MAX_KEY_LENGTH)))),
  }),
} as const;
