/** What a record's values look like, inferred from samples: hosts provide no schema. */
import * as z from "zod/mini";
import { jsonValueSchema } from "../../json/json.ts";
import { sampleSchema } from "../sample.ts";
import { count, recordName } from "./fields.ts";

export const recordSchema = {
  params: z.object({ record: recordName, include_example: z.optional(z.boolean()) }),
  result: z.object({
    record_key: z.string(),
    type_name: z.string(),
    /** JSON Schema 2020-12; a field with a known unit has it as `unit`. */
    schema: jsonValueSchema,
    inferred_from: z.object({
      samples: count,
      /** When the oldest of them was observed, on the session clock; null without samples. */
      since_at_ms: z.nullable(z.number()),
    }),
    /** What may differ from what the samples show: `celsius: always whole so far`, and the like. */
    guessed: z.array(z.string()),
    example: z.optional(sampleSchema),
  }),
} as const;
