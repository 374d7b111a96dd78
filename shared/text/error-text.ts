/** What was thrown, as one text. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
