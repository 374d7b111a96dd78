/**
 * The greeting. The relay speaks first, the worker answers `welcome` or closes; nothing else may come before. A range,
 * not a number: relays and workers are updated on different days.
 */
import * as z from "zod/mini";
import { continuitySchema } from "./dial-token.ts";
import { MAX_FEATURE_LENGTH, MAX_FEATURES } from "./features.ts";

const version = z.number().check(z.int(), z.minimum(1), z.maximum(1_000));

const features = z
  .array(z.string().check(z.maxLength(MAX_FEATURE_LENGTH)))
  .check(z.maxLength(MAX_FEATURES));

export const helloSchema = z.object({
  t: z.literal("hello"),
  versions: z.object({ min: version, max: version }),
  relay_version: z.string().check(z.maxLength(40)),
  /** The relay's wall clock, Unix milliseconds: shown as an offset, never applied. */
  clock_ms: z.number(),
  /**
   * Names the journal of writes, and changes when something in it was forgotten; absent if none can be kept, and then
   * every write is refused.
   */
  journal_id: z.optional(z.string().check(z.regex(/^[0-9a-f]{32}$/))),
  /** What the relay can do beyond this version; unknown names mean nothing. */
  features: z.optional(features),
});
export type Hello = z.infer<typeof helloSchema>;

export const welcomeSchema = z.object({
  t: z.literal("welcome"),
  version,
  /** Names this session in both ends' logs. */
  session: z.string().check(z.maxLength(64)),
  heartbeat_interval_ms: z.number().check(z.int(), z.minimum(1_000), z.maximum(600_000)),
  /** The worker's wall clock, Unix milliseconds: shown on the device as an offset, never applied. */
  server_time_ms: z.optional(z.number()),
  /** A secret, to be stored and shown by the next dial: a device that shows another has another history. */
  continuity: z.optional(continuitySchema),
  /** As in `hello`, of the worker. */
  features: z.optional(features),
});
export type Welcome = z.infer<typeof welcomeSchema>;
