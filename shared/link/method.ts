/**
 * What the worker may ask of a relay: a closed list. No method changes the relay's configuration,
 * names a path, opens a socket, downloads or runs anything; instances are named as announced.
 */
import * as z from "zod/mini";
import { bufferTypeSchema } from "../aimx/record-row.ts";
import { failureDetailsSchema, errorCodeSchema } from "../failure.ts";
import { jsonValueSchema } from "../json.ts";
import {
  MAX_KEY_LENGTH,
  MAX_RECORDS_PER_INSTANCE,
  MAX_TEXT_LENGTH,
  MAX_WAIT_MS,
} from "./limits.ts";
import { lossSchema, sampleSchema } from "./sample.ts";

const count = z.number().check(z.int(), z.minimum(0));
/** A record key, or a type name that only one record has. */
const recordName = z.string().check(z.minLength(1), z.maxLength(MAX_KEY_LENGTH));
const cursorSchema = z.object({ epoch: z.string().check(z.maxLength(40)), sequence: count });
export type Cursor = z.infer<typeof cursorSchema>;

const recordRowSchema = z.object({
  record_key: z.string(),
  type_name: z.string(),
  type_id: z.string(),
  buffer_type: bufferTypeSchema,
  buffer_capacity: z.optional(count),
  /** From the graph; null where the host has none. */
  origin: z.nullable(jsonValueSchema),
  producer_count: z.nullable(count),
  consumer_count: z.nullable(count),
  writable: z.boolean(),
  writable_reason: z.string(),
  created_at: z.nullable(z.string()),
  last_update: z.nullable(z.string()),
  produced_count: z.optional(count),
  /** `on_demand`: subscribed when somebody asks. `never`: reading it would take messages away. */
  observed: z.enum(["live", "on_demand", "never"]),
});
export type LinkRecordRow = z.infer<typeof recordRowSchema>;

/** `not_kept`: the relay's history is bounded in bytes. `lost_at_host`: the host says it dropped them. */
const gapSchema = z.object({
  reason: z.enum(["relay_restarted", "host_reconnected", "not_kept", "lost_at_host"]),
  /** Samples that are missing; null where nobody can count them. */
  missed: z.nullable(count),
});
export type Gap = z.infer<typeof gapSchema>;

/** `applied` means that the host acknowledged; nothing else does. */
const writeOutcomeSchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("applied"),
    record_key: z.string(),
    /** The value read back by the host against the one written; it may already be another's. */
    echo: z.enum(["same", "differs", "absent"]),
  }),
  z.object({
    /** `unknown`: it was sent, and nothing proves whether it was executed. */
    outcome: z.enum(["refused", "not_applied", "unknown"]),
    code: errorCodeSchema,
    message: z.string().check(z.maxLength(MAX_TEXT_LENGTH)),
    details: z.optional(failureDetailsSchema),
  }),
]);
export type WriteOutcome = z.infer<typeof writeOutcomeSchema>;

export const METHODS = {
  "record.list": {
    params: z.object({
      offset: z.optional(count),
      limit: z.optional(
        z.number().check(z.int(), z.minimum(1), z.maximum(MAX_RECORDS_PER_INSTANCE)),
      ),
      writable_only: z.optional(z.boolean()),
    }),
    result: z.object({
      records: z.array(recordRowSchema),
      total: count,
      next_offset: z.nullable(count),
    }),
  },
  "record.get": {
    params: z.object({ record: recordName }),
    result: z.object({
      record_key: z.string(),
      loss: lossSchema,
      sample: sampleSchema,
    }),
  },
  "record.set": {
    params: z.object({ record: recordName, value: jsonValueSchema }),
    result: writeOutcomeSchema,
  },
  "samples.read": {
    params: z.object({
      record: recordName,
      /** Absent: from now on. */
      after: z.optional(cursorSchema),
      /** The answer comes when one of these is reached, and holds no more than they allow. */
      wait_ms: z.number().check(z.minimum(0), z.maximum(MAX_WAIT_MS)),
      max_samples: z.number().check(z.int(), z.minimum(0), z.maximum(10_000)),
      max_bytes: z.number().check(z.int(), z.minimum(1), z.maximum(200_000)),
      /** Only samples observed up to then, in milliseconds from receipt; negative is in the past. */
      until_in_ms: z.optional(z.number()),
    }),
    result: z.object({
      record_key: z.string(),
      loss: lossSchema,
      /** Oldest first. */
      samples: z.array(sampleSchema),
      gaps: z.array(gapSchema),
      /** Behind the last sample given: the next read's `after`. */
      cursor: cursorSchema,
      /** More are there already than were given. */
      more: z.boolean(),
    }),
  },
} as const;

export type Method = keyof typeof METHODS;
export const methodSchema = z.enum(["record.list", "record.get", "record.set", "samples.read"]);
export type Params<M extends Method> = z.infer<(typeof METHODS)[M]["params"]>;
export type MethodResult<M extends Method> = z.infer<(typeof METHODS)[M]["result"]>;
