/**
 * The relay's side of the link. Pure: times and random numbers are arguments, effects leave as values.
 *
 *   waiting  --due-->      dialing   : dial
 *   dialing  --opened-->   greeting  : send hello
 *   dialing  --failed-->   waiting | stopped
 *   greeting --welcomed--> live      : serve
 *   live     --beat due--> live      : send heartbeat
 *   live     --stop-->     draining  : send drain
 *   draining --all answered and no call follows, too late--> stopped : close
 *   greeting, live --closed--> waiting | stopped
 *   draining --closed-->   stopped
 *   any      --too late--> waiting   : abandon the socket
 *   any other --stop-->    stopped   : close
 *   waiting  --dial now--> dialing   : dial
 *   live     --dial now--> live      : send heartbeat
 *   dialing, greeting --dial now--> dialing : abandon the socket, dial
 *
 * Attempts count on until a link stayed live for HEALTHY_AFTER_MS: a worker that accepts and then
 * closes must not be hammered.
 */
import {
  DRAIN_ANSWER_TIMEOUT_MS,
  GREETING_TIMEOUT_MS,
  HEARTBEAT_TIMEOUT_MS,
  MAX_DEADLINE_MS,
} from "#shared/link/limits.ts";
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
  | {
      readonly name: "draining";
      readonly intervalMs: number;
      readonly beat: Beat;
      /** Until then calls may follow; undefined once the worker has said, or should have said, that none does. */
      readonly quietAtMs: number | undefined;
      readonly deadlineMs: number;
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
  | { readonly type: "stop" }
  /** The operator knows that the network is back, or wants to know. */
  | { readonly type: "dial_now" }
  /** The worker sends no call any more. */
  | { readonly type: "drained" }
  /** No call is under way. */
  | { readonly type: "idle" };

export type LinkEffect =
  | { readonly type: "dial"; readonly serverTimeMs?: number }
  | { readonly type: "send_hello" }
  | { readonly type: "send_heartbeat" }
  | { readonly type: "send_drain" }
  /** Close the socket and hear no more of it. */
  | { readonly type: "abandon"; readonly why: string }
  | { readonly type: "close" }
  /** The `failures`-th since the last healthy link. */
  | {
      readonly type: "log_down";
      readonly why: string;
      readonly failures: number;
      readonly waitMs: number;
    };

export interface Step {
  readonly state: LinkState;
  readonly effects: readonly LinkEffect[];
}

/** `random` is in [0, 1). */
export interface Now {
  readonly nowMs: number;
  readonly random: number;
}

/** Calls come, or earlier ones are still being answered. */
export function hasSession(name: LinkState["name"]): boolean {
  return name === "live" || name === "draining";
}

export function initialLink(nowMs: number): LinkState {
  return { name: "waiting", untilMs: nowMs, attempt: 0 };
}

export function step(state: LinkState, event: LinkEvent, now: Now): Step {
  if (state.name === "stopped") return stay(state);
  if (event.type === "stop") return onStop(state, now);
  switch (state.name) {
    case "waiting":
      return whileWaiting(state, event, now);
    case "dialing":
      return whileDialing(state, event, now);
    case "greeting":
      return whileGreeting(state, event, now);
    case "live":
      return whileLive(state, event, now);
    case "draining":
      return whileDraining(state, event, now);
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
      return nextBeatMs(state.beat);
    case "draining": {
      const { quietAtMs, deadlineMs, beat } = state;
      return Math.min(quietAtMs ?? deadlineMs, deadlineMs, nextBeatMs(beat));
    }
    case "stopped":
      return undefined;
  }
}

function nextBeatMs(beat: Beat): number {
  return beat.name === "idle" ? beat.dueMs : beat.deadlineMs;
}

function stay(state: LinkState): Step {
  return { state, effects: [] };
}

const STOPPED: LinkState = { name: "stopped", why: "asked", advice: "" };

function onStop(state: LinkState, { nowMs }: Now): Step {
  switch (state.name) {
    case "live": {
      const { intervalMs, beat } = state;
      const quietAtMs = nowMs + DRAIN_ANSWER_TIMEOUT_MS;
      const deadlineMs = nowMs + MAX_DEADLINE_MS;
      return {
        state: { name: "draining", intervalMs, beat, quietAtMs, deadlineMs },
        effects: [{ type: "send_drain" }],
      };
    }
    case "draining":
      return stay(state);
    default:
      return { state: STOPPED, effects: state.name === "waiting" ? [] : [{ type: "close" }] };
  }
}

type In<Name extends LinkState["name"]> = Extract<LinkState, { name: Name }>;

function whileWaiting(state: In<"waiting">, event: LinkEvent, { nowMs }: Now): Step {
  const isDue = event.type === "dial_now" || (event.type === "tick" && nowMs >= state.untilMs);
  return isDue ? dial(state.attempt, nowMs) : stay(state);
}

function dial(attempt: number, nowMs: number, serverTimeMs?: number): Step {
  const clockCorrected = serverTimeMs !== undefined;
  const deadlineMs = nowMs + DIAL_TIMEOUT_MS;
  return {
    state: { name: "dialing", deadlineMs, attempt, clockCorrected },
    effects: [clockCorrected ? { type: "dial", serverTimeMs } : { type: "dial" }],
  };
}

/** What is under way may be on a network that is gone, and would otherwise be waited for until its timeout. */
function dialAnew(attempt: number, nowMs: number): Step {
  const { state, effects } = dial(attempt, nowMs);
  return { state, effects: [{ type: "abandon", why: "a new dial was asked for" }, ...effects] };
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
    case "dial_now":
      return dialAnew(state.attempt, now.nowMs);
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
    case "dial_now":
      return dialAnew(state.attempt, now.nowMs);
    default:
      return stay(state);
  }
}

function whileLive(state: In<"live">, event: LinkEvent, now: Now): Step {
  switch (event.type) {
    case "heard":
      return stay({ ...state, beat: beatAfterAnswer(state, now) });
    case "closed":
      return follow(afterClose(event.code), attemptAfter(state, now), now);
    case "tick":
      return onLiveTick(state, now);
    case "dial_now":
      return state.beat.name === "idle" ? beatNow(state, now) : stay(state);
    default:
      return stay(state);
  }
}

function onLiveTick(state: In<"live">, now: Now): Step {
  if (now.nowMs < nextBeatMs(state.beat)) return stay(state);
  if (state.beat.name === "idle") return beatNow(state, now);
  return abandon("the worker did not answer a heartbeat", attemptAfter(state, now), now);
}

/** As long as calls are under way the worker must not take the relay for dead. */
function whileDraining(state: In<"draining">, event: LinkEvent, now: Now): Step {
  switch (event.type) {
    case "heard":
      return stay({ ...state, beat: beatAfterAnswer(state, now) });
    case "drained":
      return stay({ ...state, quietAtMs: undefined });
    case "idle":
      return state.quietAtMs === undefined ? closeDrained() : stay(state);
    case "closed":
      return { state: STOPPED, effects: [] };
    case "tick":
      return onDrainingTick(state, now);
    default:
      return stay(state);
  }
}

function onDrainingTick(state: In<"draining">, now: Now): Step {
  if (now.nowMs >= state.deadlineMs) return closeDrained();
  const isQuiet = state.quietAtMs === undefined || now.nowMs >= state.quietAtMs;
  const waiting = isQuiet ? { ...state, quietAtMs: undefined } : state;
  if (now.nowMs < nextBeatMs(state.beat)) return stay(waiting);
  return state.beat.name === "idle" ? beatNow(waiting, now) : closeDrained();
}

function closeDrained(): Step {
  return { state: STOPPED, effects: [{ type: "close" }] };
}

/** Heartbeats go out on time whatever else is sent: the worker's end may see only those. */
function beatAfterAnswer({ beat, intervalMs }: In<"live" | "draining">, { nowMs }: Now): Beat {
  return beat.name === "idle" ? beat : { name: "idle", dueMs: nowMs + intervalMs };
}

function beatNow(state: In<"live" | "draining">, { nowMs }: Now): Step {
  const deadlineMs = nowMs + HEARTBEAT_TIMEOUT_MS;
  return {
    state: { ...state, beat: { name: "awaiting_answer", deadlineMs } },
    effects: [{ type: "send_heartbeat" }],
  };
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
  // A floor is stretched at random, so that relays do not all meet it in the same millisecond.
  const waitMs = next.floorMs * (1 + random) + backoffMs(LINK_BACKOFF, attempt, random);
  return {
    state: { name: "waiting", untilMs: nowMs + waitMs, attempt: attempt + 1 },
    effects: [{ type: "log_down", why: next.why, failures: attempt + 1, waitMs }],
  };
}
