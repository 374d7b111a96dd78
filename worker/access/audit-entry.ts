/** One line of a team's log: who did what to what, under which call, and what came of it. */
import * as z from "zod/mini";

/** Of a value, as JSON; longer ones are cut, the digest tells them apart. */
export const MAX_AUDIT_VALUE_LENGTH = 1_024;

export const auditEntrySchema = z.object({
  at_ms: z.number(),
  principal: z.string(),
  action: z.literal("record.set"),
  /** `intent` is stored before anything is sent; a write without it does not happen. */
  phase: z.enum(["intent", "outcome"]),
  /** `<relay>/<name>`. */
  instance: z.string(),
  record: z.string(),
  call_id: z.string(),
  /** SHA-256 of the arguments. */
  digest: z.string(),
  /** The new value as JSON, with the intent. */
  value: z.optional(z.string()),
  /** `client-claim`: the client says that its user agreed, and nothing proves it. */
  confirmed_by: z.optional(z.enum(["human", "client-claim", "device"])),
  /** The person who confirmed or declined. */
  approver: z.optional(z.string()),
  outcome: z.optional(z.string()),
  code: z.optional(z.string()),
  duration_ms: z.optional(z.number()),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
