/**
 * The host's own drain, for a record that is not observed. Its cursor is one for all who ask through
 * this relay, so the answer is shared; never repeated, never of a mailbox.
 */
import * as z from "zod/mini";
import { jsonValueSchema } from "../../json.ts";
import { recordName } from "./fields.ts";

export const recordDrain = {
  params: z.object({
    record: recordName,
    limit: z.number().check(z.int(), z.minimum(1), z.maximum(10_000)),
  }),
  result: z.object({
    record_key: z.string(),
    /** Oldest first; hosts give no times with them. */
    values: z.array(jsonValueSchema),
  }),
} as const;
