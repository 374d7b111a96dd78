/** What a relay can reach. Sent after `welcome` and whenever it changes; each replaces the last. */
import * as z from "zod/mini";
import { nameSchema } from "../instance-id.ts";
import {
  MAX_INSTANCES,
  MAX_KEY_LENGTH,
  MAX_RECORDS_PER_INSTANCE,
  MAX_TEXT_LENGTH,
  MAX_TYPE_NAME_LENGTH,
} from "./limits.ts";

const count = z.number().check(z.int(), z.minimum(0));
const shortText = z.string().check(z.maxLength(MAX_TEXT_LENGTH));

/**
 * What an instance can be asked for besides reading and writing. `history`: the host keeps values itself; the relay's
 * own history is there in any case.
 */
const capabilitySchema = z.enum([
  "graph",
  "drain",
  "history",
  "metrics",
  "profiling",
  "signal_stats",
]);
export type Capability = z.infer<typeof capabilitySchema>;

const announcedRecordSchema = z.object({
  key: z.string().check(z.maxLength(MAX_KEY_LENGTH)),
  type_name: z.string().check(z.maxLength(MAX_TYPE_NAME_LENGTH)),
});

export const announcedInstanceSchema = z.object({
  name: nameSchema,
  socket_path: z.string().check(z.maxLength(MAX_TEXT_LENGTH)),
  state: z.enum(["up", "down"]),
  /** Why it is down. */
  reason: z.optional(shortText),
  /** As the host sent them; absent while it was never up. */
  protocol_version: z.optional(z.string().check(z.maxLength(20))),
  server_version: z.optional(z.string().check(z.maxLength(100))),
  permissions: z.optional(z.array(z.string().check(z.maxLength(20))).check(z.maxLength(10))),
  max_subscriptions: z.nullish(count),
  authenticated: z.optional(z.boolean()),
  capabilities: z.optional(z.array(capabilitySchema)),
  /** Inferred, since no host states its release: a span of AimDB 1's, or `2.x`. */
  release_range: z.optional(z.string().check(z.maxLength(40))),
  record_count: count,
  writable_count: count,
  /** Absent if the list did not fit: then the instance may have any record. */
  records: z.optional(z.array(announcedRecordSchema).check(z.maxLength(MAX_RECORDS_PER_INSTANCE))),
});
export type AnnouncedInstance = z.infer<typeof announcedInstanceSchema>;

/** A socket that discovery looked at and did not take. */
const skippedSocketSchema = z.object({
  socket_path: z.string().check(z.maxLength(MAX_TEXT_LENGTH)),
  reason: shortText,
});
export type SkippedSocket = z.infer<typeof skippedSocketSchema>;

export const inventorySchema = z.object({
  t: z.literal("inventory"),
  /** The device file's `confirm_writes`, so that the worker asks for enough. */
  confirm_writes: z.enum(["always", "local", "never"]),
  instances: z.array(announcedInstanceSchema).check(z.maxLength(MAX_INSTANCES)),
  skipped: z.array(skippedSocketSchema).check(z.maxLength(MAX_INSTANCES)),
});
export type Inventory = z.infer<typeof inventorySchema>;
