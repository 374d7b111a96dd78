/** A sample as it crosses the link: its time becomes one of the session clock. */
import type { LinkSample } from "#shared/link/sample.ts";
import type { ReadSample } from "../instances/reading.ts";
import { toSessionMs } from "../instances/session-clock.ts";

export function toLinkSample(
  { value, atMs, timeSource, hostTime, sequence, epoch }: ReadSample,
  sessionStartMs: number,
): LinkSample {
  return {
    value,
    at_ms: toSessionMs(atMs, sessionStartMs),
    time_source: timeSource,
    ...(hostTime === undefined ? {} : { host_time: hostTime }),
    sequence,
    epoch,
  };
}
