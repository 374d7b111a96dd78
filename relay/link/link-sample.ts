/** A sample as it crosses the link: its time becomes one of the session clock. */
import type { LinkTrace } from "#shared/link/methods/record-get.ts";
import type { LinkSample } from "#shared/link/sample.ts";
import type { ReadSample } from "../instances/reading/reading.ts";
import { toSessionMs } from "../instances/observing/session-clock.ts";
import type { Trace } from "../instances/observing/trace.ts";

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

export function toLinkTrace({ field, points }: Trace, sessionStartMs: number): LinkTrace {
  return {
    field,
    points: points.map(({ atMs, value }) => [toSessionMs(atMs, sessionStartMs), value]),
  };
}
