/** What may be written where: the shape that a device's file and a team's policy share. */
import * as z from "zod/mini";
import { MAX_KEY_LENGTH } from "../link/limits.ts";

/** More than the fields of any record that are worth a bound. */
const MAX_FIELDS = 50;
const MAX_ENUM = 100;

const glob = z.string().check(z.minLength(1), z.maxLength(256));
const finite = z.number();
const allowedValue = z.union([z.string().check(z.maxLength(MAX_KEY_LENGTH)), finite, z.boolean()]);

export const fieldLimitSchema = z.strictObject({
  min: z.optional(finite),
  max: z.optional(finite),
  enum: z.optional(z.array(allowedValue).check(z.minLength(1), z.maxLength(MAX_ENUM))),
  /** Compared with the value the record holds, read just before the write. */
  max_change: z.optional(finite.check(z.minimum(0))),
});
export type FieldLimit = z.infer<typeof fieldLimitSchema>;

/** By path into the value: `celsius`, `target.celsius`; `.` is the value itself. */
export const fieldLimitsSchema = z
  .record(z.string().check(z.minLength(1), z.maxLength(MAX_KEY_LENGTH)), fieldLimitSchema)
  .check(
    z.refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `has over ${MAX_FIELDS} fields`),
  );
export type FieldLimits = z.infer<typeof fieldLimitsSchema>;

export const writeRuleFields = {
  record: glob,
  instance: z.optional(glob),
  fields: z.optional(fieldLimitsSchema),
  max_per_minute: z.optional(z.number().check(z.int(), z.minimum(1))),
};
