/** JSON of somebody else, for a schema to look at; undefined for a text that is none. */
export function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
