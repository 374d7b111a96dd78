/** How many bytes a value takes as JSON: keys and texts in other scripts take up to three a character. */
export function printedBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
