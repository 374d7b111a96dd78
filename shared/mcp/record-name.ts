import * as z from "zod/mini";
import { MAX_KEY_LENGTH } from "../link/limits.ts";
import { presentableText } from "./presentable.ts";

export const recordNameInput = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(MAX_KEY_LENGTH),
    z.describe(
      'Record key from list_records, e.g. "sensor.temp". A type name works if only one record has it.',
    ),
  );

/** A key as a device names it; one that is longer than any that can be asked for is cut. */
export function presentableKey(key: string): string {
  return presentableText(key, MAX_KEY_LENGTH);
}
