/**
 * An object that is reset, by a deploy or a crash, ends its calls with an exception. What only reads
 * is asked once more, a little later; `read` has to get its stub anew.
 */
import { logEvent } from "./log.ts";

const MIN_WAIT_MS = 50;
const MAX_WAIT_MS = 250;

export async function readTwice<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    logEvent("warn", "object_reset", { reason: String(error) });
    const waitMs = MIN_WAIT_MS + Math.random() * (MAX_WAIT_MS - MIN_WAIT_MS);
    await scheduler.wait(waitMs);
    return read();
  }
}
