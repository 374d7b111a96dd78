import { failure, FailureError } from "#shared/failure.ts";

export const LATE = failure("deadline_exceeded", "No answer came within the deadline.");

/** What was asked may still be done. */
export class LateError extends FailureError {
  constructor() {
    super(LATE);
  }
}
