/** What a running relay says of itself. It holds no record values and no secrets. */
import * as z from "zod/mini";
import { cacheCountsSchema } from "#shared/metrics/cache-counts.ts";
import { callCountsSchema } from "#shared/metrics/call-counts.ts";
import { continuityStateSchema } from "../identity/continuity.ts";
import { SPENDINGS } from "../traffic/budget.ts";
import { linkStatusSchema } from "../link/link-status.ts";

const count = z.number().check(z.int(), z.minimum(0));

export const problemSchema = z.object({
  /** ISO-8601, by the device's clock. */
  time: z.string(),
  level: z.enum(["warn", "error"]),
  event: z.string(),
  /** The event's fields, as in the log. */
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type Problem = z.infer<typeof problemSchema>;

const periodSchema = z.object({
  /** ISO-8601. */
  begin: z.string(),
  sent_bytes: count,
  received_bytes: count,
  /** Both directions together; null is no limit. */
  budget_bytes: z.nullable(count),
});

export const relayStatusSchema = z.object({
  relay: z.string(),
  team: z.string(),
  /** The worker's host. */
  worker: z.string(),
  version: z.string(),
  pid: count,
  up_ms: z.number(),
  link: linkStatusSchema,
  /** Whether the worker would notice a copy of this relay's key. */
  continuity: continuityStateSchema,
  instances: z.array(
    z.object({
      name: z.string(),
      socket_path: z.string(),
      state: z.enum(["up", "down"]),
      /** Why it is down. */
      reason: z.nullable(z.string()),
      protocol_version: z.nullable(z.string()),
      record_count: count,
      writable_count: count,
      /** `open`: it failed to answer several times in a row, and is not asked for a while. */
      breaker: z.enum(["closed", "open", "half_open"]),
    }),
  ),
  /** AimDB processes for which the relay has no place. */
  not_served: count,
  skipped: z.array(z.object({ socket_path: z.string(), reason: z.string() })),
  store: z.object({
    bytes: count,
    limit_bytes: count,
    /** Samples dropped for newer ones since the relay started. */
    dropped_samples: count,
  }),
  /** Over the link, restarts or not; by the device's clock. */
  traffic: z.object({
    hour: periodSchema,
    month: periodSchema,
    /** What the budgets let through now; without one, all. */
    passes: z.enum(SPENDINGS),
    /** When more passes again, ISO-8601. */
    until: z.nullable(z.string()),
  }),
  /** Since the relay started. */
  counts: z.object({
    calls: callCountsSchema,
    caches: cacheCountsSchema,
    dials: count,
    links: count,
    bytes_received: count,
    bytes_sent: count,
  }),
  /** The last warnings and errors, oldest first. */
  problems: z.array(problemSchema),
});
export type RelayStatus = z.infer<typeof relayStatusSchema>;
