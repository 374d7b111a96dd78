import * as z from "zod/mini";
import { MAX_KEY_LENGTH } from "../../link/limits.ts";
import { presentableText, unescaped } from "../answers/presentable.ts";

/** Answers show a key's hidden characters escaped, and most of them no argument may hold. */
export const recordName = z
  .string()
  .check(z.minLength(1), z.maxLength(MAX_KEY_LENGTH), z.overwrite(unescaped));

export const recordNameInput = recordName.check(
  z.describe('Record key ("sensor.temp"), or a type name only one record has.'),
);

/** A key as a device names it; one that is longer than any that can be asked for is cut. */
export function presentableKey(key: string): string {
  return presentableText(key, MAX_KEY_LENGTH);
}
