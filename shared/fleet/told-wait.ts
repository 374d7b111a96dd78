/** How long a repeating caller waits when it is told to. */
import type { Failure } from "../failure.ts";

/** A metered device asks for up to a month; its budget may be raised meanwhile. */
const MAX_WAIT_MS = 300_000;

export function toldWaitMs({ details }: Failure): number {
  return Math.min((details?.retry_after_s ?? 0) * 1_000, MAX_WAIT_MS);
}
