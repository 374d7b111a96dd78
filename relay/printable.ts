/**
 * What goes to a terminal, or to a log that is read on one. Names of sockets, hosts' and workers' texts are strangers'
 * data: nothing of them may move the cursor, hide what stands beside it or turn it around. Escaped as JSON escapes, so
 * that JSON stays what it says.
 */

/** Controls (C0, C1), formats (bidi, zero-width), surrogates, and what ends a line in some terminals. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Of several lines, each ours. */
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
