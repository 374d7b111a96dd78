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

/** Nobody reads a longer path. */
export const MAX_FIELD_LENGTH = 200;

/** As many as a line of a table can show. */
export const MAX_TRACE_POINTS = 60;

/** How one number of a record went in the last minutes: enough for a small line, whatever its values hold. */
const traceSchema = z.object({
  /** Its path in the value; `.` is the value itself. */
  field: z.string().check(z.maxLength(MAX_FIELD_LENGTH)),
  /** Time on the session clock and number, oldest first. */
  points: z.array(z.tuple([z.number(), z.number()])).check(z.maxLength(MAX_TRACE_POINTS)),
});
export type LinkTrace = z.infer<typeof traceSchema>;

/** In the order asked. Exactly one of `ok` and `err`, as in a reply. */
const entrySchema = z.object({
  record: z.string(),
  ok: z.optional(readingSchema),
  err: z.optional(errorCodeSchema),
  message: z.optional(z.string().check(z.maxLength(MAX_TEXT_LENGTH))),
  details: z.optional(failureDetailsSchema),
  /** Only if `trace_points` asks for it and the relay keeps numbers of the record. */
  trace: z.optional(traceSchema),
});

export const recordGetMany = {
  params: z.object({
    records: z.array(recordName).check(z.minLength(1), z.maxLength(MAX_RECORDS_PER_GET)),
    trace_points: z.optional(z.number().check(z.int(), z.minimum(2), z.maximum(MAX_TRACE_POINTS))),
  }),
  result: z.object({ entries: z.array(entrySchema) }),
} as const;
