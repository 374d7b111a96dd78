/** Waiting for something a test can see, always with an end. */
import { setImmediate } from "node:timers/promises";

const DEADLINE_MS = 8_000;

/** Looks again after each turn of the event loop. `what` is named if it never comes. */
export async function until(what: string, isThere: () => boolean): Promise<void> {
  const endMs = performance.now() + DEADLINE_MS;
  while (!isThere()) {
    if (performance.now() > endMs) throw new Error(`Waited in vain: ${what}`);
    await setImmediate();
  }
}

/** Lets what is under way in this process settle: promises, and what the sockets hold already. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i += 1) await setImmediate();
}
