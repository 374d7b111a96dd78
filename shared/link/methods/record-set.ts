/** Writing one record, at most once. */
import * as z from "zod/mini";
import { fieldLimitsSchema } from "../../access/write-rule.ts";
import { errorCodeSchema, failureDetailsSchema } from "../../failure.ts";
import { jsonValueSchema } from "../../json/json.ts";
import { MAX_TEAM_LIMITS, MAX_TEXT_LENGTH, MAX_WARNINGS } from "../limits.ts";
import { timeSourceSchema } from "../sample.ts";
import { recordName } from "./fields.ts";

const text = z.string().check(z.maxLength(MAX_TEXT_LENGTH));
const warnings = z.optional(z.array(text).check(z.maxLength(MAX_WARNINGS)));

/** `applied` means that the host acknowledged; nothing else does. */
export const writeOutcomeSchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("applied"),
    record_key: z.string(),
    /** How the value that the host read back compares with the one written; it may already be another's. */
    echo: z.enum(["same", "differs", "absent"]),
    /** Present if a rule compared with what the record held: that was read just before, not atomically. */
    compared: z.optional(z.literal("not_atomic")),
    /** What the record held just before; absent where that is not known, or too long to be kept. */
    previous: z.optional(
      z.object({
        value: jsonValueSchema,
        /** When the write was sent; absent where the relay did not see the value arrive. */
        age_ms: z.optional(z.number().check(z.minimum(0))),
        time_source: z.optional(timeSourceSchema),
      }),
    ),
    warnings,
  }),
  z.object({
    /** `checked`: nothing was sent, and nothing speaks against it. `awaiting_local`: nothing yet. */
    outcome: z.enum(["checked", "awaiting_local"]),
    record_key: z.string(),
    /** What the record holds; absent if it holds nothing, or can't be read without taking it. */
    current: z.optional(jsonValueSchema),
    warnings,
    /** With `awaiting_local`: how long the device waits for its operator. */
    expires_in_ms: z.optional(z.number()),
  }),
  z.object({
    /** `unknown`: it was sent, and nothing proves whether it was executed. */
    outcome: z.enum(["refused", "not_applied", "unknown"]),
    code: errorCodeSchema,
    message: text,
    details: z.optional(failureDetailsSchema),
    /** After a restart: whether the record holds what was to be written. Evidence, no proof. */
    now_equals_requested: z.optional(z.union([z.boolean(), z.literal("unreadable")])),
  }),
]);
export type WriteOutcome = z.infer<typeof writeOutcomeSchema>;

/** How a write ended; the other outcomes are of one that has not begun. */
export type EndedOutcome = Exclude<
  WriteOutcome,
  { readonly outcome: "checked" | "awaiting_local" }
>;

/** A person in a browser, or the word of the client that asked its user. */
export const approvalSchema = z.enum(["human", "client"]);
export type Approval = z.infer<typeof approvalSchema>;

export const recordSet = {
  params: z.object({
    record: recordName,
    value: jsonValueSchema,
    /** On the session clock. The relay refuses to begin it later. */
    not_after_ms: z.number(),
    approval: z.optional(approvalSchema),
    /** What the record must hold, read just before the write. */
    expected: z.optional(jsonValueSchema),
    /** Everything is checked and nothing is sent. */
    dry_run: z.optional(z.boolean()),
    /** The value is not compared with what the record held before. */
    skip_validation: z.optional(z.boolean()),
    /** The team's bounds; the device's own come first. */
    limits: z.optional(z.array(fieldLimitsSchema).check(z.maxLength(MAX_TEAM_LIMITS))),
  }),
  result: writeOutcomeSchema,
} as const;
