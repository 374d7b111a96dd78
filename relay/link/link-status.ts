/** The link as an operator is shown it. Times are durations: the device's clock may be wrong. */
import type { LinkState } from "./link-state.ts";

export interface LinkStatus {
  readonly state: LinkState["name"];
  /** How long it has been so. */
  readonly for_ms: number;
  /** Names the session in both ends' logs, while there is one. */
  readonly session: string | null;
  /** Of the last heartbeat, or of the greeting. */
  readonly round_trip_ms: number | null;
  /** The device's wall clock minus the worker's, as of the last greeting. */
  readonly clock_offset_ms: number | null;
  readonly next_dial_in_ms: number | null;
  /** Failed dials and lost links since the last healthy link. */
  readonly failures: number;
  /** Why the last link or dial ended. */
  readonly last_failure: string | null;
  readonly calls_under_way: number;
}

/** What the client measures beside its state. */
export interface LinkMeasures {
  readonly changedMs: number;
  readonly session: string | null;
  readonly roundTripMs: number | null;
  readonly clockOffsetMs: number | null;
  readonly lastFailure: string | null;
  readonly callsUnderWay: number;
}

export function describeLink(state: LinkState, measures: LinkMeasures, nowMs: number): LinkStatus {
  const hasSession = state.name === "live" || state.name === "draining";
  return {
    state: state.name,
    for_ms: nowMs - measures.changedMs,
    session: hasSession ? measures.session : null,
    round_trip_ms: hasSession ? measures.roundTripMs : null,
    clock_offset_ms: measures.clockOffsetMs,
    next_dial_in_ms: state.name === "waiting" ? Math.max(0, state.untilMs - nowMs) : null,
    failures: "attempt" in state ? state.attempt : 0,
    last_failure:
      state.name === "stopped" && state.advice !== "" ? state.advice : measures.lastFailure,
    calls_under_way: measures.callsUnderWay,
  };
}
