/** A name that a client gives itself: printable, so that it can't pose as another part of a page. Pure. */

const MAX_NAME_LENGTH = 80;

/** Letters, marks, digits, punctuation, symbols and plain spaces; no control, format or direction characters. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;

/** Undefined if it may not be shown. */
export function toClientName(text: string): string | undefined {
  const name = text.trim();
  return name.length <= MAX_NAME_LENGTH && PRINTABLE.test(name) ? name : undefined;
}
