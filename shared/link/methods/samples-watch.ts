/** Samples of several records, each after its own cursor, waiting until any of them has some. */
import * as z from "zod/mini";
import { errorCodeSchema, failureDetailsSchema } from "../../failure.ts";
import { MAX_TEXT_LENGTH, MAX_WAIT_MS } from "../limits.ts";
import { maxBytes, recordName } from "./fields.ts";
import { cursorSchema, samplesRead } from "./samples-read.ts";

/** As many as one listener follows at an instance. */
export const MAX_WATCHED_RECORDS = 64;

const watchedSchema = z.object({
  record: recordName,
  /** Absent: from now on. */
  after: z.optional(cursorSchema),
});

/** Exactly one of `ok` and `err`, as in a reply. */
const entrySchema = z.object({
  /** As it was asked for. */
  record: z.string(),
  ok: z.optional(samplesRead.result),
  err: z.optional(errorCodeSchema),
  message: z.optional(z.string().check(z.maxLength(MAX_TEXT_LENGTH))),
  details: z.optional(failureDetailsSchema),
});

export const samplesWatch = {
  params: z.object({
    records: z.array(watchedSchema).check(z.minLength(1), z.maxLength(MAX_WATCHED_RECORDS)),
    wait_ms: z.number().check(z.minimum(0), z.maximum(MAX_WAIT_MS)),
    /** For each record. */
    max_samples: z.number().check(z.int(), z.minimum(1), z.maximum(10_000)),
    /** For all together. */
    max_bytes: maxBytes,
  }),
  result: z.object({
    /** For records with news, those asked for without `after`, and those that can't be read. */
    entries: z.array(entrySchema),
    /** Some of it had no room: asking again gives it at once. */
    more: z.boolean(),
  }),
} as const;
