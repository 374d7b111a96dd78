/** One row of `record.list`, the same for every AimX version. */
import * as z from "zod/mini";
import { jsonValueSchema } from "../json/json.ts";
import { isoFromUnixNanos } from "./timestamp.ts";

export const bufferTypeSchema = z.enum(["spmc_ring", "single_latest", "mailbox", "none"]);
export type BufferType = z.infer<typeof bufferTypeSchema>;

const count = z.number().check(z.int(), z.minimum(0));
const unixNanos = z.pipe(z.string(), z.transform(isoFromUnixNanos));

/** What hosts send. Fields that differ by version or by the host's build features are optional. */
const wireRowSchema = z.object({
  /** Since 0.3.0; before that, `name` is the address. */
  record_key: z.optional(z.string()),
  name: z.string(),
  /** Since 0.3.0. */
  record_id: z.optional(count),
  type_id: z.string(),
  buffer_type: z.catch(bufferTypeSchema, "none"),
  buffer_capacity: z.optional(count),
  writable: z.boolean(),
  created_at: z.optional(unixNanos),
  last_update: z.optional(unixNanos),
  outbound_connector_count: z.optional(count),
  produced_count: z.optional(count),
  consumed_count: z.optional(count),
  dropped_count: z.optional(count),
  occupancy: z.optional(z.tuple([count, count])),
  entity: z.optional(z.string()),
  schema_type: z.optional(z.string()),
  signal_stats: z.optional(z.array(jsonValueSchema)),
  stage_profiling: z.optional(z.array(jsonValueSchema)),
});

type WireRow = z.infer<typeof wireRowSchema>;

/**
 * `producer_count`, `consumer_count` and `origin` are left out: every host reports 0, 0 and
 * "passive" for every record at run time. The graph has the truth.
 */
export type RecordRow = Omit<WireRow, "record_key" | "name"> & {
  readonly record_key: string;
  readonly type_name: string;
};

function toRecordRow({ record_key, name, ...rest }: WireRow): RecordRow {
  return { record_key: record_key ?? name, type_name: name, ...rest };
}

export const recordRowsSchema = z.array(z.pipe(wireRowSchema, z.transform(toRecordRow)));
