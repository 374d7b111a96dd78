/** A call whose object was reset or hung, and what can still be said if it was a write. Pure. */
import { failure, type Failure } from "#shared/failure.ts";
import type { WriteReport } from "#shared/fleet/fleet.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";
import { notWritten } from "#shared/fleet/write-outcome.ts";
import { LATE } from "../../late-error.ts";
import { NEWER_STATE } from "../../storage/newer-state.ts";
import type { WriteCall } from "../../relay/rpc.ts";

export const LOST = failure(
  "internal",
  "The worker lost the call. Nothing was changed: ask again.",
);
/** A reset of counters leaves no row to look up afterwards; a second one does no harm. */
export const LOST_RESET = failure(
  "internal",
  "The worker lost the call. The reset may have been done: ask again to be sure.",
);
/** Asking again gives the same answer. */
export const NEWER = failure("internal", NEWER_STATE);
export const NOT_ASKED = failure(
  "deadline_exceeded",
  "The team did not answer within the deadline. Nothing was done: ask again.",
);

/** If the call was a write, it may have been executed. */
export function isOpen(failure: Failure): boolean {
  return failure === LOST || failure === LATE;
}

/**
 * `unread`: why the write's row could not be read. If there is no row, nothing was begun; an object that hung may
 * still go on.
 */
export function lostWrite(
  relay: string,
  { id, instance, record }: WriteCall,
  { why, unread }: { readonly why: Failure; readonly unread: Failure },
): WriteReport {
  const unbegun = unread.code === "unknown_call" ? NOT_BEGUN : UNKNOWN;
  return {
    callId: `${relay}.${id}`,
    instance,
    record,
    timestamp: new Date().toISOString(),
    status: "ended",
    outcome: why === LATE ? LATE_UNKNOWN : unbegun,
  };
}

const NOT_BEGUN = notWritten(
  failure("internal", "The worker lost the call before the write was begun. Nothing was changed."),
);
const UNKNOWN = unknownWrite("internal", "The worker lost the call. Ask get_write_outcome later.");
const LATE_UNKNOWN = unknownWrite(
  "deadline_exceeded",
  "No answer came within the deadline. Ask get_write_outcome later.",
);
