/** What records held when they were last observed: a worker answers with it while the relay is away. */
import * as z from "zod/mini";
import { nameSchema } from "../instance-id.ts";
import { MAX_INSTANCES, MAX_RECORDS_PER_INSTANCE } from "./limits.ts";
import { readingSchema } from "./methods/record-get.ts";

export type LinkReading = z.infer<typeof readingSchema>;

const instanceReadingsSchema = z.object({
  name: nameSchema,
  readings: z.array(readingSchema).check(z.maxLength(MAX_RECORDS_PER_INSTANCE)),
});
export type InstanceReadings = z.infer<typeof instanceReadingsSchema>;

export const lastKnownSchema = z.object({
  t: z.literal("last_known"),
  instances: z.array(instanceReadingsSchema).check(z.maxLength(MAX_INSTANCES)),
});
export type LastKnown = z.infer<typeof lastKnownSchema>;
