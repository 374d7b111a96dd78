/** The current value of one record, or of several at once. */
import * as z from "zod/mini";
import { errorCodeSchema, failureDetailsSchema } from "../../failure.ts";
import { MAX_TEXT_LENGTH } from "../limits.ts";
import { lossSchema, sampleSchema } from "../sample.ts";
import { recordName } from "./fields.ts";

/** As many as one answer can show. */
export const MAX_RECORDS_PER_GET = 50;

export const readingSchema = z.object({
  record_key: z.string(),
  loss: lossSchema,
  sample: sampleSchema,
});

export const recordGet = {
  params: z.object({ record: recordName }),
  result: readingSchema,
} as const;

/** In the order asked. Exactly one of `ok` and `err`, as in a reply. */
const entrySchema = z.object({
  record: z.string(),
  ok: z.optional(readingSchema),
  err: z.optional(errorCodeSchema),
  message: z.optional(z.string().check(z.maxLength(MAX_TEXT_LENGTH))),
  details: z.optional(failureDetailsSchema),
});

export const recordGetMany = {
  params: z.object({
    records: z.array(recordName).check(z.minLength(1), z.maxLength(MAX_RECORDS_PER_GET)),
  }),
  result: z.object({ entries: z.array(entrySchema) }),
} as const;
