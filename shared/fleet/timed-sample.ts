/** A sample of the link with its time on the caller's clock. */
import type { TimedSample } from "./fleet.ts";
import type { LinkSample } from "../link/sample.ts";

/** The latest time a Date can hold; a gateway may send any number. */
const MAX_DATE_MS = 8.64e15;

const HOST_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

/**
 * The session clock starts at `sessionStartedAtMs`, so one sample always gets the same time, however often it is read.
 * The host's digits are shown only if the host gave the time itself.
 */
export function toTimedSample(
  { value, at_ms, time_source, host_time, sequence, epoch }: LinkSample,
  sessionStartedAtMs: number,
  nowMs: number,
): TimedSample {
  const observedAtMs = toUnixMs(at_ms, sessionStartedAtMs);
  const isForeignText = host_time !== undefined && !HOST_TIME.test(host_time);
  const shown = isForeignText ? undefined : host_time;
  return {
    value,
    timestamp: shown ?? new Date(observedAtMs).toISOString(),
    timeSource: isForeignText ? "observed" : time_source,
    ageMs: Math.max(0, nowMs - observedAtMs),
    sequence,
    epoch,
  };
}

/** A time of the session clock as Unix milliseconds that a Date can hold. */
export function toUnixMs(atMs: number, sessionStartedAtMs: number): number {
  return Math.min(Math.max(sessionStartedAtMs + atMs, -MAX_DATE_MS), MAX_DATE_MS);
}
