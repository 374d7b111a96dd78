/**
 * The relay's side of the link. Pure: times and random numbers are arguments, effects leave as values.
 *
 *   waiting  --due-->      dialing   : dial
 *   dialing  --opened-->   greeting  : send hello
 *   dialing  --failed-->   waiting | stopped
 *   greeting --welcomed--> live      : serve
 *   live     --beat due--> live      : send heartbeat
 *   greeting, live --closed--> waiting | stopped
 *   any      --too late--> waiting   : abandon the socket
 *   any      --stop-->     stopped   : close
 *
 * Attempts count on until a link stayed live for HEALTHY_AFTER_MS: a worker that accepts and then
 * closes must not be hammered.
 */
import { GREETING_TIMEOUT_MS, HEARTBEAT_TIMEOUT_MS } from "#shared/link/limits.ts";
import { backoffMs, LINK_BACKOFF } from "../backoff.ts";
import { afterClose, afterDialFailure, type DialFailure, type RetryOrStop } from "./next-step.ts";

export const DIAL_TIMEOUT_MS = 15_000;
export const HEALTHY_AFTER_MS = 30_000;

export type LinkState =
  | { readonly name: "waiting"; readonly untilMs: number; readonly attempt: number }
  | {
      readonly name: "dialing";
      readonly deadlineMs: number;
      readonly attempt: number;
      /** The worker refused our clock just now; if it does again, the clock is not the reason. */
      readonly clockCorrected: boolean;
    }
  | { readonly name: "greeting"; readonly deadlineMs: number; readonly attempt: number }
  | {
      readonly name: "live";
      readonly sinceMs: number;
      readonly attempt: number;
      readonly intervalMs: number;
      readonly beat: Beat;
    }
  | { readonly name: "stopped"; readonly why: "asked" | "refused"; readonly advice: string };

type Beat =
  | { readonly name: "idle"; readonly dueMs: number }
  | { readonly name: "awaiting_answer"; readonly deadlineMs: number };

export type LinkEvent =
  | { readonly type: "tick" }
  | { readonly type: "opened" }
  | { readonly type: "dial_failed"; readonly failure: DialFailure }
  | { readonly type: "welcomed"; readonly intervalMs: number }
  /** Anything arrived, so the worker lives. */
  | { readonly type: "heard" }
  | { readonly type: "closed"; readonly code: number }
  | { readonly type: "stop" };

export type LinkEffect =
  | { readonly type: "dial"; readonly serverTimeMs?: number }
  | { readonly type: "send_hello" }
  | { readonly type: "send_heartbeat" }
  /** Close the socket and hear no more of it. */
  | { readonly type: "abandon"; readonly why: string }
  | { readonly type: "close" }
  | { readonly type: "log"; readonly event: string; readonly why: string; readonly waitMs: number };

export interface Step {
  readonly state: LinkState;
  readonly effects: readonly LinkEffect[];
}

/** `random` is in [0, 1). */
export interface Now {
  readonly nowMs: number;
  readonly random: number;
}

export function initialLink(nowMs: number): LinkState {
  return { name: "waiting", untilMs: nowMs, attempt: 0 };
}

export function step(state: LinkState, event: LinkEvent, now: Now): Step {
  if (state.name === "stopped") return stay(state);
  if (event.type === "stop") {
    const stopped = { name: "stopped", why: "asked", advice: "" } as const;
    return { state: stopped, effects: state.name === "waiting" ? [] : [{ type: "close" }] };
  }
  switch (state.name) {
    case "waiting":
      return whileWaiting(state, event, now);
    case "dialing":
      return whileDialing(state, event, now);
    case "greeting":
      return whileGreeting(state, event, now);
    case "live":
      return whileLive(state, event, now);
  }
}

/** When a tick is worth sending; undefined once stopped. */
export function nextTickMs(state: LinkState): number | undefined {
  switch (state.name) {
    case "waiting":
      return state.untilMs;
    case "dialing":
    case "greeting":
      return state.deadlineMs;
    case "live":
      return state.beat.name === "idle" ? state.beat.dueMs : state.beat.deadlineMs;
    case "stopped":
      return undefined;
  }
}

function stay(state: LinkState): Step {
  return { state, effects: [] };
}

type In<Name extends LinkState["name"]> = Extract<LinkState, { name: Name }>;

function whileWaiting(state: In<"waiting">, event: LinkEvent, { nowMs }: Now): Step {
  if (event.type !== "tick" || nowMs < state.untilMs) return stay(state);
  return dial(state.attempt, nowMs);
}

function dial(attempt: number, nowMs: number, serverTimeMs?: number): Step {
  const clockCorrected = serverTimeMs !== undefined;
  const deadlineMs = nowMs + DIAL_TIMEOUT_MS;
  return {
    state: { name: "dialing", deadlineMs, attempt, clockCorrected },
    effects: [clockCorrected ? { type: "dial", serverTimeMs } : { type: "dial" }],
  };
}

function whileDialing(state: In<"dialing">, event: LinkEvent, now: Now): Step {
  switch (event.type) {
    case "opened": {
      const deadlineMs = now.nowMs + GREETING_TIMEOUT_MS;
      return {
        state: { name: "greeting", deadlineMs, attempt: state.attempt },
        effects: [{ type: "send_hello" }],
      };
    }
    case "dial_failed":
      return afterFailedDial(state, event.failure, now);
    case "tick":
      return now.nowMs < state.deadlineMs
        ? stay(state)
        : abandon("the worker did not answer the dial", state.attempt, now);
    default:
      return stay(state);
  }
}

function afterFailedDial(state: In<"dialing">, failure: DialFailure, now: Now): Step {
  const next = afterDialFailure(failure);
  if (next.type !== "retry_with_clock") return follow(next, state.attempt, now);
  if (!state.clockCorrected) return dial(state.attempt, now.nowMs, next.serverTimeMs);
  const why = "the worker refuses this device's clock again";
  return follow({ type: "retry", floorMs: 0, why }, state.attempt, now);
}

function whileGreeting(state: In<"greeting">, event: LinkEvent, now: Now): Step {
  switch (event.type) {
    case "welcomed": {
      const { intervalMs } = event;
      const beat: Beat = { name: "idle", dueMs: now.nowMs + intervalMs };
      return {
        state: { name: "live", sinceMs: now.nowMs, attempt: state.attempt, intervalMs, beat },
        effects: [],
      };
    }
    case "closed":
      return follow(afterClose(event.code), state.attempt, now);
    case "tick":
      return now.nowMs < state.deadlineMs
        ? stay(state)
        : abandon("the worker did not answer the greeting", state.attempt, now);
    default:
      return stay(state);
  }
}

function whileLive(state: In<"live">, event: LinkEvent, now: Now): Step {
  switch (event.type) {
    case "heard":
      // Heartbeats go out on time however much else does: the worker's end may only see those.
      return state.beat.name === "idle"
        ? stay(state)
        : stay({ ...state, beat: { name: "idle", dueMs: now.nowMs + state.intervalMs } });
    case "closed":
      return follow(afterClose(event.code), attemptAfter(state, now), now);
    case "tick":
      return onLiveTick(state, now);
    default:
      return stay(state);
  }
}

function onLiveTick(state: In<"live">, now: Now): Step {
  const { beat } = state;
  if (beat.name === "idle") {
    if (now.nowMs < beat.dueMs) return stay(state);
    const deadlineMs = now.nowMs + HEARTBEAT_TIMEOUT_MS;
    return {
      state: { ...state, beat: { name: "awaiting_answer", deadlineMs } },
      effects: [{ type: "send_heartbeat" }],
    };
  }
  if (now.nowMs < beat.deadlineMs) return stay(state);
  return abandon("the worker did not answer a heartbeat", attemptAfter(state, now), now);
}

function attemptAfter({ sinceMs, attempt }: In<"live">, { nowMs }: Now): number {
  return nowMs - sinceMs >= HEALTHY_AFTER_MS ? 0 : attempt;
}

function abandon(why: string, attempt: number, now: Now): Step {
  const followed = follow({ type: "retry", floorMs: 0, why }, attempt, now);
  return { ...followed, effects: [{ type: "abandon", why }, ...followed.effects] };
}

function follow(next: RetryOrStop, attempt: number, { nowMs, random }: Now): Step {
  if (next.type === "stop") {
    return { state: { name: "stopped", why: "refused", advice: next.advice }, effects: [] };
  }
  // A floor is stretched, never met to the millisecond by everybody at once.
  const waitMs = next.floorMs * (1 + random) + backoffMs(LINK_BACKOFF, attempt, random);
  return {
    state: { name: "waiting", untilMs: nowMs + waitMs, attempt: attempt + 1 },
    effects: [{ type: "log", event: "link_down", why: next.why, waitMs }],
  };
}
