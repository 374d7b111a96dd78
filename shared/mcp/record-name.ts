import * as z from "zod/mini";
import { MAX_KEY_LENGTH } from "../link/limits.ts";

export const recordNameInput = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(MAX_KEY_LENGTH),
    z.describe(
      'Record key from list_records, e.g. "sensor.temp". A type name works if only one record has it.',
    ),
  );
