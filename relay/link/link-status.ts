/** The link as an operator is shown it. Times are durations: the device's clock may be wrong. */
import * as z from "zod/mini";
import { hasSession, type LinkState } from "./link-state.ts";

const count = z.number().check(z.int(), z.minimum(0));

export const linkStatusSchema = z.object({
  state: z.enum(["waiting", "dialing", "greeting", "live", "draining", "stopped"]),
  /** How long it has been in this state. */
  for_ms: z.number(),
  /** Names the session in both ends' logs, while there is one. */
  session: z.nullable(z.string()),
  /** The round trip of the last heartbeat, or of the greeting. */
  round_trip_ms: z.nullable(z.number()),
  /** What a narrow line carries, in characters of frames a second; null if it is not known to be narrow. */
  narrow_per_s: z.nullable(z.number()),
  /** The device's wall clock minus the worker's, as of the last greeting. */
  clock_offset_ms: z.nullable(z.number()),
  next_dial_in_ms: z.nullable(z.number()),
  /** Failed dials and lost links since the last healthy link. */
  failures: count,
  /** Why the last link or dial ended. */
  last_failure: z.nullable(z.string()),
  calls_under_way: count,
});
export type LinkStatus = z.infer<typeof linkStatusSchema>;

/** What the client measures besides its state. */
export interface LinkMeasures {
  readonly changedMs: number;
  readonly session: string | null;
  readonly roundTripMs: number | null;
  readonly narrowPerS: number | null;
  readonly clockOffsetMs: number | null;
  readonly lastFailure: string | null;
  readonly callsUnderWay: number;
}

export function describeLink(state: LinkState, measures: LinkMeasures, nowMs: number): LinkStatus {
  const isSession = hasSession(state.name);
  const isRefused = state.name === "stopped" && state.why === "refused";
  return {
    state: state.name,
    for_ms: Math.round(nowMs - measures.changedMs),
    session: isSession ? measures.session : null,
    round_trip_ms: isSession ? rounded(measures.roundTripMs) : null,
    narrow_per_s: isSession ? rounded(measures.narrowPerS) : null,
    clock_offset_ms: measures.clockOffsetMs,
    next_dial_in_ms:
      state.name === "waiting" ? Math.round(Math.max(0, state.untilMs - nowMs)) : null,
    failures: "attempt" in state ? state.attempt : 0,
    last_failure: isRefused ? state.advice : measures.lastFailure,
    calls_under_way: measures.callsUnderWay,
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
