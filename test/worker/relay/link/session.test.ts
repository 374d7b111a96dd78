import { describe, expect, test } from "vitest";
import type { RelayFrame } from "#shared/link/frame.ts";
import type { LastKnown } from "#shared/link/last-known.ts";
import { GREETING_TIMEOUT_MS } from "#shared/link/limits.ts";
import {
  step,
  type Session,
  type SessionEffect,
  type SessionEvent,
} from "../../../../worker/relay/link/session.ts";

const NOW_MS = 1_000_000;

const OFFLINE: Session = { name: "offline", sinceMs: 7, hasLeft: false };
const DEADLINE_MS = NOW_MS + GREETING_TIMEOUT_MS;
const GREETING: Session = { name: "greeting", deadlineMs: DEADLINE_MS, sinceMs: 7 };
const AGAIN: Session = { name: "greeting", deadlineMs: DEADLINE_MS, sinceMs: NOW_MS };
const LATE_GREETING: Session = { name: "greeting", deadlineMs: NOW_MS, sinceMs: 7 };
const LIVE: Session = {
  name: "live",
  id: "session",
  version: 1,
  startedAtMs: 500,
  relayVersion: "0.1.0",
  clockOffsetMs: 0,
  journalId: null,
  features: [],
};

const DRAINING: Session = { ...LIVE, name: "draining", sinceMs: NOW_MS - 40 };
const DRAINS: Session = { ...LIVE, name: "draining", sinceMs: NOW_MS };
const DRAINED: Session = { name: "offline", sinceMs: NOW_MS - 40, hasLeft: true };

const HELLO: RelayFrame = {
  t: "hello",
  versions: { min: 1, max: 1 },
  relay_version: "0.9.9",
  clock_ms: NOW_MS + 60,
};
const OLD_HELLO: RelayFrame = { ...HELLO, versions: { min: 2, max: 9 } };
const WIDE_HELLO: RelayFrame = { ...HELLO, versions: { min: 1, max: 9 } };
const INVENTORY: RelayFrame = {
  t: "inventory",
  confirm_writes: "never",
  instances: [],
  skipped: [],
};
const LAST_KNOWN: LastKnown = { t: "last_known", instances: [{ name: "plant", readings: [] }] };
const REPLY: RelayFrame = { t: "reply", id: "0".repeat(32), instance: "plant", ok: 1 };

const EVENTS = {
  accepted: { type: "accepted" },
  hello: frame(HELLO),
  "hello of other versions": frame(OLD_HELLO),
  "hello of more versions": frame(WIDE_HELLO),
  inventory: frame(INVENTORY),
  "last known": frame(LAST_KNOWN),
  reply: frame(REPLY),
  drain: frame({ t: "drain" }),
  malformed: { type: "malformed", reason: "malformed" },
  oversize: { type: "malformed", reason: "frame_too_large" },
  closed: { type: "closed", isGoodbye: false },
  goodbye: { type: "closed", isGoodbye: true },
  silent: { type: "silent", heardAtMs: NOW_MS - 30_000 },
  suspended: { type: "ended", name: "suspended" },
  revoked: { type: "ended", name: "revoked" },
  tick: { type: "tick" },
} as const satisfies Record<string, SessionEvent>;

function frame(frame: RelayFrame): Extract<SessionEvent, { type: "frame" }> {
  return { type: "frame", frame, newId: () => "fresh" };
}

const GREETED: Session = {
  name: "live",
  id: "fresh",
  version: 1,
  startedAtMs: NOW_MS,
  relayVersion: "0.9.9",
  clockOffsetMs: 60,
  journalId: null,
  features: [],
};
const WELCOME: SessionEffect[] = [{ type: "welcome", version: 1, session: "fresh" }];

function lost(sinceMs: number, hasLeft = false): SessionEffect {
  return { type: "lost", sinceMs, hasLeft };
}

type CloseName = Extract<SessionEffect, { type: "close" }>["name"];

function closed(name: CloseName, sinceMs: number, hasLeft = false): SessionEffect[] {
  return [{ type: "close", name }, lost(sinceMs, hasLeft)];
}

const ENDED: Session = { name: "offline", sinceMs: NOW_MS, hasLeft: false };
/** The relay is not back in a moment: it went by itself, or the close code tells it to stay away. */
const LEFT: Session = { ...ENDED, hasLeft: true };
const GONE: Session = { ...OFFLINE, hasLeft: true };

interface Row {
  readonly from: Session;
  readonly on: keyof typeof EVENTS;
  readonly to: Session;
  readonly effects: readonly SessionEffect[];
}

const TRANSITIONS: readonly Row[] = [
  { from: OFFLINE, on: "accepted", to: GREETING, effects: [] },

  { from: GREETING, on: "accepted", to: GREETING, effects: closed("replaced", 7) },
  { from: GREETING, on: "hello", to: GREETED, effects: WELCOME },
  { from: GREETING, on: "hello of more versions", to: GREETED, effects: WELCOME },
  {
    from: GREETING,
    on: "hello of other versions",
    to: GONE,
    effects: closed("unsupported_version", 7, true),
  },
  { from: GREETING, on: "inventory", to: OFFLINE, effects: closed("protocol_error", 7) },
  { from: GREETING, on: "last known", to: OFFLINE, effects: closed("protocol_error", 7) },
  { from: GREETING, on: "reply", to: OFFLINE, effects: closed("protocol_error", 7) },
  { from: GREETING, on: "drain", to: OFFLINE, effects: closed("protocol_error", 7) },
  { from: GREETING, on: "malformed", to: OFFLINE, effects: closed("protocol_error", 7) },
  { from: GREETING, on: "oversize", to: OFFLINE, effects: closed("frame_too_large", 7) },
  { from: GREETING, on: "closed", to: OFFLINE, effects: [lost(7)] },
  { from: GREETING, on: "suspended", to: GONE, effects: closed("suspended", 7, true) },
  { from: GREETING, on: "revoked", to: GONE, effects: closed("revoked", 7, true) },
  { from: GREETING, on: "tick", to: GREETING, effects: [] },
  { from: LATE_GREETING, on: "tick", to: OFFLINE, effects: closed("greeting_timeout", 7) },

  { from: LIVE, on: "accepted", to: AGAIN, effects: closed("replaced", NOW_MS) },
  { from: LIVE, on: "hello", to: ENDED, effects: closed("protocol_error", NOW_MS) },
  {
    from: LIVE,
    on: "inventory",
    to: LIVE,
    effects: [{ type: "store_inventory", inventory: INVENTORY }],
  },
  {
    from: LIVE,
    on: "last known",
    to: LIVE,
    effects: [{ type: "store_last_known", lastKnown: LAST_KNOWN, startedAtMs: 500 }],
  },
  { from: LIVE, on: "reply", to: LIVE, effects: [{ type: "settle", reply: REPLY }] },
  { from: LIVE, on: "malformed", to: ENDED, effects: closed("protocol_error", NOW_MS) },
  { from: LIVE, on: "oversize", to: ENDED, effects: closed("frame_too_large", NOW_MS) },
  { from: LIVE, on: "closed", to: ENDED, effects: [lost(NOW_MS)] },
  { from: LIVE, on: "goodbye", to: LEFT, effects: [lost(NOW_MS, true)] },
  { from: LIVE, on: "suspended", to: LEFT, effects: closed("suspended", NOW_MS, true) },
  { from: LIVE, on: "revoked", to: LEFT, effects: closed("revoked", NOW_MS, true) },
  { from: LIVE, on: "tick", to: LIVE, effects: [] },
  { from: LIVE, on: "drain", to: DRAINS, effects: [{ type: "send_drained" }] },

  {
    from: DRAINING,
    on: "accepted",
    to: { ...AGAIN, sinceMs: NOW_MS - 40 },
    effects: closed("replaced", NOW_MS - 40),
  },
  { from: DRAINING, on: "reply", to: DRAINING, effects: [{ type: "settle", reply: REPLY }] },
  { from: DRAINING, on: "drain", to: DRAINING, effects: [] },
  {
    from: DRAINING,
    on: "hello",
    to: DRAINED,
    effects: closed("protocol_error", NOW_MS - 40, true),
  },
  {
    from: DRAINING,
    on: "malformed",
    to: DRAINED,
    effects: closed("protocol_error", NOW_MS - 40, true),
  },
  { from: DRAINING, on: "suspended", to: DRAINED, effects: closed("suspended", NOW_MS - 40, true) },
  { from: DRAINING, on: "revoked", to: DRAINED, effects: closed("revoked", NOW_MS - 40, true) },
  { from: DRAINING, on: "closed", to: DRAINED, effects: [lost(NOW_MS - 40, true)] },
  { from: DRAINING, on: "tick", to: DRAINING, effects: [] },
];

test.each(TRANSITIONS.map((row) => ({ ...row, state: row.from.name, next: row.to.name })))(
  "session: $state --$on--> $next",
  ({ from, on, to, effects }) => {
    expect(step(from, EVENTS[on], NOW_MS)).toEqual({ session: to, effects });
  },
);

test.each([0, NOW_MS - 86_400_000, NOW_MS + 86_400_000, 1e300])(
  "session: it begins with the hello, and only shows that its clock says %d [H-9] [S-1]",
  (clock_ms) => {
    expect(step(GREETING, frame({ ...HELLO, clock_ms }), NOW_MS)).toEqual({
      session: { ...GREETED, clockOffsetMs: clock_ms - NOW_MS },
      effects: WELCOME,
    });
  },
);

test.each([GREETING, LIVE, DRAINING])(
  "session: $name ends when it fell silent, as of the last sign",
  (from) => {
    const hasLeft = from === DRAINING;

    expect(step(from, EVENTS.silent, NOW_MS)).toEqual({
      session: { name: "offline", sinceMs: NOW_MS - 30_000, hasLeft },
      effects: closed("going_away", NOW_MS - 30_000, hasLeft),
    });
  },
);

describe("an offline session", () => {
  test.each(Object.keys(EVENTS).filter((on): on is keyof typeof EVENTS => on !== "accepted"))(
    "absorbs %s",
    (on) => {
      expect(step(OFFLINE, EVENTS[on], NOW_MS)).toEqual({ session: OFFLINE, effects: [] });
    },
  );
});

test("session: it keeps the features that this worker knows", () => {
  const hello = { ...HELLO, features: ["samples.watch", "of.tomorrow"] };

  expect(step(GREETING, frame(hello), NOW_MS).session).toMatchObject({
    features: ["samples.watch"],
  });
});
