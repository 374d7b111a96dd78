/** A sample of the link with its time on the worker's clock. Pure. */
import type { TimedSample } from "#shared/fleet.ts";
import type { LinkSample } from "#shared/link/sample.ts";

/**
 * The session clock starts at `sessionStartedAtMs`, so one sample always gets the same time, however
 * often it is read. Only where the host told the time itself are its digits shown.
 */
export function toTimedSample(
  { value, at_ms, time_source, host_time, sequence, epoch }: LinkSample,
  sessionStartedAtMs: number,
  nowMs: number,
): TimedSample {
  const observedAtMs = sessionStartedAtMs + at_ms;
  return {
    value,
    timestamp: host_time ?? new Date(observedAtMs).toISOString(),
    timeSource: time_source,
    ageMs: Math.max(0, nowMs - observedAtMs),
    sequence,
    epoch,
  };
}
