/** One line of a team's log: who did what to what, under which call id, and how it ended. There are three kinds. */
import * as z from "zod/mini";

/** Of a value's JSON text. Longer ones are cut; the digest still tells them apart. */
export const MAX_AUDIT_VALUE_LENGTH = 1_024;

/** A name that a caller sent is cut to this. */
export const MAX_AUDIT_NAME_LENGTH = 256;

/** As many as one call may name. */
export const MAX_AUDIT_INSTANCES = 50;

/** A write at a device, or a reset of an instance's counters, step by step. */
export const writeEntrySchema = z.object({
  at_ms: z.number(),
  principal: z.string(),
  action: z.enum(["record.set", "diagnostics.reset"]),
  /** `intent` is stored before anything is sent; a write without it does not happen. */
  phase: z.enum(["intent", "outcome"]),
  /** `<relay>/<name>`. */
  instance: z.string(),
  /** Absent for a reset, which is of every record. */
  record: z.optional(z.string()),
  call_id: z.string(),
  /** SHA-256 of the arguments. */
  digest: z.string(),
  /** With the intent, as JSON: the new value, or which counters. */
  value: z.optional(z.string()),
  /** `client-claim`: the client says that its user agreed; nothing proves it. */
  confirmed_by: z.optional(z.enum(["human", "client-claim", "device"])),
  /** The person who confirmed or declined. */
  approver: z.optional(z.string()),
  outcome: z.optional(z.string()),
  code: z.optional(z.string()),
  duration_ms: z.optional(z.number()),
});
export type WriteEntry = z.infer<typeof writeEntrySchema>;

/** A tool that an MCP client called, or another kind of read by a client. */
export const toolEntrySchema = z.object({
  at_ms: z.number(),
  principal: z.string(),
  /** Id of the token or grant; absent for a JWT of the external issuer. */
  credential: z.optional(z.string()),
  /** As `ClientCall` names it (shared/mcp/serving/client-call.ts), or `events.open`. */
  action: z.string(),
  /** The one that answered; if none was reached, the one asked for. */
  instance: z.optional(z.string()),
  /** In place of `instance`, if the call went to several. */
  instances: z.optional(z.array(z.string())),
  /** As the caller named it. */
  record: z.optional(z.string()),
  /** The ids of calls that it made at devices begin with this, in the devices' logs too. */
  call_id: z.string(),
  /** SHA-256 of the arguments. */
  digest: z.string(),
  /** `ok`, what became of a write, or an error's code. */
  outcome: z.string(),
  duration_ms: z.number(),
  /** Bytes of the answer; recorded if the team's bytes per day are limited. */
  bytes: z.optional(z.number()),
  /**
   * How many refusals of its principal in one minute this line stands for; absent for one
   * (worker/team/log/refusal-fold.ts).
   */
  times: z.optional(z.number()),
});
export type ToolEntry = z.infer<typeof toolEntrySchema>;

/** Something that was changed in the team. */
export const actionEntrySchema = z.object({
  at_ms: z.number(),
  /** A member, a token, `operator` for the admin token, or `device` for what a relay did on its own. */
  principal: z.string(),
  /** Such as `relay.revoke`. */
  action: z.string(),
  /** `intent` is stored before the change; a change without it does not happen. */
  phase: z.enum(["intent", "outcome"]),
  /** What was changed: a name or an id. */
  target: z.optional(z.string()),
  /** Of a member, a token or a client, what it was called then; of an invitation or a join token, whom or what it was for. */
  target_name: z.optional(z.string()),
  target_email: z.optional(z.string()),
  call_id: z.string(),
  /** SHA-256 of the request, which may hold an address or a secret. */
  digest: z.optional(z.string()),
  /** With the outcome: `done`, or why it failed. */
  outcome: z.optional(z.string()),
  duration_ms: z.optional(z.number()),
});
export type ActionEntry = z.infer<typeof actionEntrySchema>;

export type AuditEntry = WriteEntry | ToolEntry | ActionEntry;
