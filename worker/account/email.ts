/**
 * People's e-mail addresses as they are compared and stored: letter case and surrounding space don't matter.
 */
import * as z from "zod/mini";
import { isSeen } from "../shown-name.ts";

/** RFC 5321 §4.5.3.1.3, without the brackets. */
const MAX_EMAIL_LENGTH = 254;

/** One `@` and no white space: only sending a letter could tell whether it exists. */
export const emailSchema = z
  .string()
  .check(
    z.maxLength(MAX_EMAIL_LENGTH + 10),
    z.trim(),
    z.toLowerCase(),
    z.maxLength(MAX_EMAIL_LENGTH),
    z.regex(/^[^\s@]+@[^\s@]+$/),
    z.refine(isSeen),
  );
