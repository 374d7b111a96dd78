/**
 * A name that somebody gives: a client to itself, people to themselves, their teams, tokens and relays. Other people
 * decide by what they read, on the consent page and beside a write to confirm, so all of it can be seen, and it can't
 * pose as another name, or as another part of the page. Pure.
 */
import * as z from "zod/mini";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { presentableText } from "#shared/mcp/answers/presentable.ts";

export const MAX_NAME_LENGTH = 80;

/** Letters, marks, digits, punctuation, symbols and plain spaces; no control, format or direction characters. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;

/** A letter of Braille without dots, which looks like none; more marks on a letter than any script has. */
const MISLEADING = /\u2800|\p{M}{5}/u;

export function isSeen(text: string): boolean {
  return PRINTABLE.test(text) && !MISLEADING.test(text) && presentableText(text) === text;
}

/** May be empty. */
export const shownLabelSchema = z
  .string()
  .check(
    z.trim(),
    z.maxLength(MAX_NAME_LENGTH),
    z.refine(isSeen, "has characters that can't be seen"),
  );

export const shownNameSchema = shownLabelSchema.check(z.minLength(1));

/** Undefined if it may not be shown. */
export function toShownName(text: string): string | undefined {
  return safeParse(shownNameSchema, text).data;
}
