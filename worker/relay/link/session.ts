/**
 * One relay's session as the worker sees it. Pure: times and ids are arguments, effects are values.
 *
 *   offline  --accepted--> greeting
 *   greeting --hello-->    live     : welcome            (no common version: close)
 *   greeting --other frame, too late--> offline : close
 *   live     --inventory, last_known--> live : store
 *   live     --reply, outcomes--> live : settle, remember
 *   live     --drain--> draining : answer it; no call is sent any more
 *   draining --last_known, reply, outcomes--> draining : store, settle, remember
 *   live     --second hello--> offline : close
 *   any      --accepted--> greeting : close the older socket as replaced
 *   any      --malformed, closed, silent, ended by the team--> offline : fail what waits
 */
import { CLOSE_CODES, type CloseName } from "#shared/link/close-code.ts";
import { RELAY_FEATURES } from "#shared/link/features.ts";
import type { RelayFrame } from "#shared/link/frame.ts";
import type { Hello } from "#shared/link/hello.ts";
import type { Inventory } from "#shared/link/inventory.ts";
import type { LastKnown } from "#shared/link/last-known.ts";
import { GREETING_TIMEOUT_MS } from "#shared/link/limits.ts";
import type { RememberedWrite } from "#shared/link/outcomes.ts";
import type { Reply } from "#shared/link/request.ts";
import { LINK_VERSION, MIN_LINK_VERSION, negotiateVersion } from "#shared/link/version.ts";

export type Session =
  | {
      readonly name: "offline";
      /** Null if nobody saw the session end, as when the worker itself was down. */
      readonly sinceMs: number | null;
      /** The relay left because it was told to, or said that it would: it will not be back in a moment. */
      readonly hasLeft: boolean;
    }
  | {
      readonly name: "greeting";
      readonly deadlineMs: number;
      /** Since when there has been no session; a failed greeting does not change it. */
      readonly sinceMs: number | null;
    }
  | ({ readonly name: "live" } & Greeted)
  /** The relay was told to stop: it finishes what it has. `sinceMs`: since then it takes no calls. */
  | ({ readonly name: "draining"; readonly sinceMs: number } & Greeted);

export interface Greeted {
  readonly id: string;
  readonly version: number;
  /** Where the session clock starts, on the worker's clock. */
  readonly startedAtMs: number;
  readonly relayVersion: string;
  /** The relay's wall clock minus the worker's. Shown, never applied. */
  readonly clockOffsetMs: number;
  /** Identifies the device's journal of writes; null if it has none. */
  readonly journalId: string | null;
  /** The relay's features that this worker knows, too. */
  readonly features: readonly string[];
}

export interface Ended {
  readonly sinceMs: number;
  readonly hasLeft: boolean;
}

export type InSession = Extract<Session, { name: "live" | "draining" }>;

/** True also for a relay that is leaving: it still reports what it knows. */
export function isInSession(session: Session): session is InSession {
  return session.name === "live" || session.name === "draining";
}

const CLOSED_AS = {
  frame_too_large: "frame_too_large",
  malformed: "protocol_error",
  /** Much more than was asked for. */
  too_much: "slow_down",
} as const satisfies Record<string, CloseName>;

export type SessionEvent =
  | { readonly type: "accepted" }
  | { readonly type: "frame"; readonly frame: RelayFrame; readonly newId: () => string }
  | { readonly type: "malformed"; readonly reason: keyof typeof CLOSED_AS }
  /** `isGoodbye`: the relay closed in due form; one whose line breaks can't say goodbye. */
  | { readonly type: "closed"; readonly isGoodbye: boolean }
  /** The team ended it. */
  | { readonly type: "ended"; readonly name: Extract<CloseName, "suspended" | "revoked"> }
  /** No heartbeat for HALF_OPEN_AFTER_MS. */
  | { readonly type: "silent"; readonly heardAtMs: number }
  | { readonly type: "tick" };

export type SessionEffect =
  | { readonly type: "welcome"; readonly version: number; readonly session: string }
  /** Tells the relay that no call follows. */
  | { readonly type: "send_drained" }
  | { readonly type: "close"; readonly name: CloseName }
  | { readonly type: "store_inventory"; readonly inventory: Inventory }
  | {
      readonly type: "store_last_known";
      readonly lastKnown: LastKnown;
      /** Start of the session clock that its times refer to. */
      readonly startedAtMs: number;
    }
  | { readonly type: "settle"; readonly reply: Reply }
  | { readonly type: "remember"; readonly writes: readonly RememberedWrite[] }
  /** The session is over: nobody will answer what waits. */
  | ({ readonly type: "lost" } & Ended);

export interface SessionStep {
  readonly session: Session;
  readonly effects: readonly SessionEffect[];
}

export function step(session: Session, event: SessionEvent, nowMs: number): SessionStep {
  if (event.type === "accepted") return accept(session, nowMs);
  switch (session.name) {
    case "offline":
      return stay(session);
    case "greeting":
      return whileGreeting(session, event, nowMs);
    case "live":
    case "draining":
      return whileGreeted(session, event, nowMs);
  }
}

function stay(session: Session): SessionStep {
  return { session, effects: [] };
}

function accept(session: Session, nowMs: number): SessionStep {
  const sinceMs = session.name === "live" ? nowMs : session.sinceMs;
  const deadlineMs = nowMs + GREETING_TIMEOUT_MS;
  const greeting: Session = { name: "greeting", deadlineMs, sinceMs };
  if (session.name === "offline") return { session: greeting, effects: [] };
  const effects: SessionEffect[] = [
    { type: "close", name: "replaced" },
    { type: "lost", sinceMs: sinceMs ?? nowMs, hasLeft: false },
  ];
  return { session: greeting, effects };
}

function whileGreeting(
  session: Extract<Session, { name: "greeting" }>,
  event: Exclude<SessionEvent, { type: "accepted" }>,
  nowMs: number,
): SessionStep {
  const ended = { sinceMs: session.sinceMs ?? nowMs, hasLeft: false };
  switch (event.type) {
    case "frame":
      return event.frame.t === "hello"
        ? greet(event.frame, { id: event.newId(), nowMs, ended })
        : end("protocol_error", ended);
    case "tick":
      return nowMs < session.deadlineMs ? stay(session) : end("greeting_timeout", ended);
    case "malformed":
    case "closed":
    case "ended":
    case "silent":
      return whileEnding(event, ended);
  }
}

function greet(
  { versions, relay_version, clock_ms, journal_id, features = [] }: Hello,
  { id, nowMs, ended }: { id: string; nowMs: number; ended: Ended },
): SessionStep {
  const version = negotiateVersion({ min: MIN_LINK_VERSION, max: LINK_VERSION }, versions);
  if (version === undefined) return end("unsupported_version", ended);
  return {
    session: {
      name: "live",
      id,
      version,
      startedAtMs: nowMs,
      relayVersion: relay_version,
      clockOffsetMs: clock_ms - nowMs,
      journalId: journal_id ?? null,
      features: RELAY_FEATURES.filter((feature) => features.includes(feature)),
    },
    effects: [{ type: "welcome", version, session: id }],
  };
}

function whileGreeted(
  session: InSession,
  event: Exclude<SessionEvent, { type: "accepted" }>,
  nowMs: number,
): SessionStep {
  switch (event.type) {
    case "frame":
      return onFrame(session, event.frame, nowMs);
    case "tick":
      return stay(session);
    case "malformed":
    case "closed":
    case "ended":
    case "silent":
      return whileEnding(event, endedNow(session, nowMs));
  }
}

/** To its callers, a relay that drains has been away since it began to. */
function endedNow(session: InSession, nowMs: number): Ended {
  return session.name === "draining"
    ? { sinceMs: session.sinceMs, hasLeft: true }
    : { sinceMs: nowMs, hasLeft: false };
}

function onFrame(session: InSession, frame: RelayFrame, nowMs: number): SessionStep {
  switch (frame.t) {
    case "hello":
      return end("protocol_error", endedNow(session, nowMs));
    case "inventory":
      return { session, effects: [{ type: "store_inventory", inventory: frame }] };
    case "last_known": {
      const { startedAtMs } = session;
      return { session, effects: [{ type: "store_last_known", lastKnown: frame, startedAtMs }] };
    }
    case "reply":
      return { session, effects: [{ type: "settle", reply: frame }] };
    case "outcomes":
      return { session, effects: [{ type: "remember", writes: frame.writes }] };
    case "drain":
      return session.name === "draining"
        ? stay(session)
        : {
            session: { ...session, name: "draining", sinceMs: nowMs },
            effects: [{ type: "send_drained" }],
          };
  }
}

function whileEnding(
  event: Extract<SessionEvent, { type: "malformed" | "closed" | "ended" | "silent" }>,
  ended: Ended,
): SessionStep {
  switch (event.type) {
    case "malformed":
      return end(CLOSED_AS[event.reason], ended);
    case "silent":
      return end("going_away", { ...ended, sinceMs: event.heardAtMs });
    case "ended":
      return end(event.name, ended);
    case "closed": {
      const hasLeft = ended.hasLeft || event.isGoodbye;
      const { sinceMs } = ended;
      return {
        session: { name: "offline", sinceMs, hasLeft },
        effects: [{ type: "lost", sinceMs, hasLeft }],
      };
    }
  }
}

function end(name: CloseName, { sinceMs, hasLeft: isLeaving }: Ended): SessionStep {
  const hasLeft = isLeaving || CLOSE_CODES[name].next !== "retry";
  return {
    session: { name: "offline", sinceMs, hasLeft },
    effects: [
      { type: "close", name },
      { type: "lost", sinceMs, hasLeft },
    ],
  };
}
