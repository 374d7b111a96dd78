/** One observed value, as it crosses the link. */
import * as z from "zod/mini";
import { jsonValueSchema } from "../json/json.ts";

/**
 * - `host`: the host's own time (AimX 1).
 * - `observed`: it arrived while the relay was subscribed.
 * - `first_seen`: it was there when the relay came, so its age is a lower bound.
 */
export const timeSourceSchema = z.enum(["host", "observed", "first_seen"]);
export type TimeSource = z.infer<typeof timeSourceSchema>;

/** How far a record's host shows losses; see `Dialect.loss`. */
export const lossSchema = z.enum(["counted", "lower_bound", "not_visible"]);
export type Loss = z.infer<typeof lossSchema>;

export const sampleSchema = z.object({
  value: jsonValueSchema,
  /**
   * When it was observed, in milliseconds of the session clock, which starts with `hello`; negative before that. A
   * duration, so that a device with a wrong clock still gives right ages.
   */
  at_ms: z.number(),
  time_source: timeSourceSchema,
  /** ISO-8601 by the host's clock, digits as sent. Only where `time_source` is `host`. */
  host_time: z.optional(z.string().check(z.maxLength(40))),
  /**
   * Counts the record's samples at this relay; lost ones count if the host shows them. Null for a value that was read
   * but not seen arriving.
   */
  sequence: z.nullable(z.number()),
  /** Changes when the relay starts and when an unknown number of samples was lost. */
  epoch: z.string().check(z.maxLength(40)),
});
export type LinkSample = z.infer<typeof sampleSchema>;
