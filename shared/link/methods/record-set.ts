/** Writing one record, at most once. */
import * as z from "zod/mini";
import { errorCodeSchema, failureDetailsSchema } from "../../failure.ts";
import { jsonValueSchema } from "../../json.ts";
import { MAX_TEXT_LENGTH } from "../limits.ts";
import { recordName } from "./fields.ts";

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

export const recordSet = {
  params: z.object({ record: recordName, value: jsonValueSchema }),
  result: writeOutcomeSchema,
} as const;
