/** What a system call failed with, such as `ENOENT`; for any other error its text. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
