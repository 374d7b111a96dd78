import { errorCodeOf } from "./error-code.ts";

const NAME = "NeedsOperator";

/** What a person has to fix; the message says what. Starting again changes nothing. */
export class NeedsOperator extends Error {
  override readonly name = NAME;
}

/**
 * Whether a command ends with 78 for it: the one place that tells what a person has to fix from what may be tried again.
 * By its name: `stdio` runs a bundle of its own, with its own class.
 */
export function needsOperator(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === NAME || isLasting(error) || needsOperator(error.cause);
}

/** What only a person can change: a path, a mode, a mount. */
const LASTING: ReadonlySet<string> = new Set([
  "EACCES",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENOENT",
  "ENOTDIR",
  "ENXIO",
  "EPERM",
  "EROFS",
]);

/** Whether a system call failed that may succeed the next time: a disk may be full, or all descriptors in use. */
export function mayPass(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && !isLasting(error);
}

function isLasting(error: Error): boolean {
  return "syscall" in error && LASTING.has(errorCodeOf(error));
}
