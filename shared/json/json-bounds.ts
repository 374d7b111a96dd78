/**
 * How deep and how wide JSON text is, before it is parsed: one pass over the characters, with memory only for the open
 * brackets. Text that is not JSON is left to the parser.
 */

export interface JsonBounds {
  readonly maxDepth: number;
  readonly maxKeys: number;
  readonly maxItems: number;
}

interface Open {
  readonly isObject: boolean;
  count: number;
}

/** Which bound the text breaks first; undefined if none. */
export function brokenBound(text: string, bounds: JsonBounds): string | undefined {
  const open: Open[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const broken = step(text[at] ?? "", open, bounds);
    if (broken !== undefined) return broken;
    if (text[at] === '"') at = endOfString(text, at);
  }
  return undefined;
}

function step(character: string, open: Open[], bounds: JsonBounds): string | undefined {
  switch (character) {
    case "{":
    case "[":
      open.push({ isObject: character === "{", count: 1 });
      return open.length > bounds.maxDepth
        ? `nested deeper than ${bounds.maxDepth} levels`
        : undefined;
    case "}":
    case "]":
      open.pop();
      return undefined;
    case ",":
      return countItem(open.at(-1), bounds);
    default:
      return undefined;
  }
}

function countItem(top: Open | undefined, { maxKeys, maxItems }: JsonBounds): string | undefined {
  if (top === undefined) return undefined;
  top.count += 1;
  if (top.isObject) {
    return top.count > maxKeys ? `an object with more than ${maxKeys} keys` : undefined;
  }
  return top.count > maxItems ? `an array with more than ${maxItems} items` : undefined;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
