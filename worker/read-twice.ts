/**
 * An object that is reset, by a deploy or a crash, ends its calls with an exception. A question that only reads is
 * repeated once, a little later; `read` must get its stub anew.
 */
import { FailureError } from "#shared/failure.ts";
import { logEvent } from "./log.ts";
import { isNewerState } from "./storage/newer-state.ts";

const MIN_WAIT_MS = 50;
const MAX_WAIT_MS = 250;

interface OnBehalf {
  /** The call's id, or the prefix of its calls' ids. Absent if no call is known yet. */
  readonly call?: string | undefined;
  readonly log?: typeof logEvent;
}

export async function readTwice<T>(
  read: () => Promise<T>,
  { call, log = logEvent }: OnBehalf = {},
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FailureError || isNewerState(error)) throw error;
    log("warn", "object_reset", { call, reason: String(error) });
    const waitMs = MIN_WAIT_MS + Math.random() * (MAX_WAIT_MS - MIN_WAIT_MS);
    await scheduler.wait(waitMs);
    return read();
  }
}
