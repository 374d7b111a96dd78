/**
 * Text for a terminal, or for a log that is read on one. Sockets' names and hosts' and workers' texts are strangers'
 * data: they may not move the cursor, nor hide or reverse what is beside them. Escaped as JSON escapes, so that JSON
 * keeps its meaning.
 */

/**
 * Controls (C0, C1), formats (bidi, zero-width), surrogates, and what ends a line in some terminals; and letters and
 * marks that are not drawn: fillers, and variation selectors, which make two names of one.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Several lines, each of our own making. */
export function printable(text: string): string {
  return text.replaceAll(UNSEEN, (found) => (found === "\n" ? found : escaped(found)));
}

/** One line, whatever is in it. */
export function printableLine(text: string): string {
  return text.replaceAll(UNSEEN, escaped);
}

/** Plain ASCII too: nothing that only looks like another letter. */
export function plainLine(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, escaped);
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => String.raw`\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
