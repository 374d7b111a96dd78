import { CANCELLED } from "#shared/fleet/cancelled.ts";
import { FailureError } from "#shared/failure.ts";

/** Nobody waits for the answer any more, so nothing was asked. */
export class GoneError extends FailureError {
  constructor() {
    super(CANCELLED);
  }
}
