/** What is said of a write of which nothing proves whether it was executed. */
import type { ErrorCode } from "../failure.ts";
import type { WriteOutcome } from "./methods/record-set.ts";

export function unknownWrite(code: ErrorCode, why: string): WriteOutcome {
  return {
    outcome: "unknown",
    code,
    message: `${why} The write may have been executed: read the record before writing again.`,
  };
}
