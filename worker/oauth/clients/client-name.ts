/** A name that a client gives itself: printable, so that it can't pose as another part of a page. Pure. */
import { presentableText } from "#shared/mcp/answers/presentable.ts";

const MAX_NAME_LENGTH = 80;

/** Letters, marks, digits, punctuation, symbols and plain spaces; no control, format or direction characters. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;

/** A letter of Braille without dots, which looks like none; more marks on a letter than any script has. */
const MISLEADING = /\u2800|\p{M}{5}/u;

/** Undefined if it may not be shown. */
export function toClientName(text: string): string | undefined {
  const name = text.trim();
  const isShort = name.length <= MAX_NAME_LENGTH;
  const isSeen = PRINTABLE.test(name) && !MISLEADING.test(name) && presentableText(name) === name;
  return isShort && isSeen ? name : undefined;
}
