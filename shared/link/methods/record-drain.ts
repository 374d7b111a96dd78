/**
 * The host's own drain, for a record that is not observed. All callers through this relay share its cursor, so the
 * answer is shared; never repeated, never of a mailbox.
 */
import * as z from "zod/mini";
import { jsonValueSchema } from "../../json/json.ts";
import { maxBytes, recordName } from "./fields.ts";

export const recordDrain = {
  params: z.object({
    record: recordName,
    limit: z.number().check(z.int(), z.minimum(1), z.maximum(10_000)),
    /** Bounds the values' JSON; one is given however large it is, the rest the next time. */
    max_bytes: z.optional(maxBytes),
  }),
  result: z.object({
    record_key: z.string(),
    /** Oldest first; hosts give no times with them. */
    values: z.array(jsonValueSchema),
    /** The cursor begins with this drain: what was produced before is not in it. */
    is_first: z.boolean(),
    /** There are values that this answer could not hold. */
    more: z.boolean(),
  }),
} as const;
