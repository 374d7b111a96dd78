/** The readings contained in a call's answer. Pure. */
import * as z from "zod/mini";
import type { LinkReading } from "#shared/link/last-known.ts";
import { METHODS, type Method } from "#shared/link/method.ts";
import { readingSchema } from "#shared/link/methods/record-get.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

/** Of many samples only the last is used. */
const samplesSchema = z.object({
  record_key: z.unknown(),
  loss: z.unknown(),
  samples: z.array(z.unknown()),
});

const watchedSchema = z.object({ entries: z.array(z.object({ ok: z.optional(z.unknown()) })) });

/** Empty for an answer of another form, which its caller will refuse. */
export function readingsIn(method: Method, value: unknown): readonly LinkReading[] {
  switch (method) {
    case "record.get":
      return readingIn(value);
    case "record.get_many": {
      const entries = safeParse(METHODS[method].result, value).data?.entries ?? [];
      return entries.flatMap(({ ok }) => (ok === undefined ? [] : [ok]));
    }
    case "samples.read":
      return lastIn(value);
    case "samples.watch": {
      const entries = safeParse(watchedSchema, value).data?.entries ?? [];
      return entries.flatMap(({ ok }) => lastIn(ok));
    }
    default:
      return [];
  }
}

function lastIn(value: unknown): LinkReading[] {
  const read = safeParse(samplesSchema, value).data;
  return readingIn({ ...read, sample: read?.samples.at(-1) });
}

function readingIn(value: unknown): LinkReading[] {
  const reading = safeParse(readingSchema, value);
  return reading.success ? [reading.data] : [];
}
