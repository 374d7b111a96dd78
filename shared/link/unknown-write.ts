/** The outcome of a write if nothing proves whether it was executed. */
import type { ErrorCode } from "../failure.ts";
import type { EndedOutcome } from "./methods/record-set.ts";

export function unknownWrite(
  code: ErrorCode,
  why: string,
): Extract<EndedOutcome, { code: ErrorCode }> {
  return {
    outcome: "unknown",
    code,
    message: `${why} The write may have been executed: read the record before writing again.`,
  };
}
