import { describe, expect, test } from "vitest";
import { Offline } from "../../../../worker/relay/calls/offline.ts";
import type { OwnRow } from "../../../../worker/relay/own-row.ts";
import type { Session } from "../../../../worker/relay/link/session.ts";

const WOKE_AT_MS = 100_000;

type Row = NonNullable<ReturnType<OwnRow["read"]>>;

const ROW: Row = {
  team: "team",
  name: "gw-1",
  installation: "installation",
  generation: 3,
  offlineSinceMs: null,
  hasLeft: false,
  status: "active",
};

const LIVE = {
  name: "live",
  id: "0",
  version: 1,
  startedAtMs: 0,
  relayVersion: "0.1.0",
  clockOffsetMs: 0,
  journalId: null,
  features: [],
} as const;

function offline(change: Partial<Row> = {}): Offline {
  return new Offline({ read: () => ({ ...ROW, ...change }) }, WOKE_AT_MS);
}

const ENDED: Session = { name: "offline", sinceMs: 40_000, hasLeft: false };
const UNSEEN: Session = { name: "offline", sinceMs: null, hasLeft: false };

describe("a relay whose link broke is awaited", () => {
  test.each([
    [40_000, 5_000],
    [41_500, 3_500],
    [45_000, 0],
    [9_000_000, 0],
  ])("until five seconds after that: at %i for %i ms", (nowMs, awaitedMs) => {
    expect(offline().awaitedMs(ENDED, nowMs)).toBe(awaitedMs);
  });

  test("for five seconds at most, whatever the clock says", () => {
    expect(offline().awaitedMs(ENDED, 30_000)).toBe(5_000);
  });

  test("since its object woke, if nobody saw that end", () => {
    expect(offline().awaitedMs(UNSEEN, WOKE_AT_MS + 1_000)).toBe(4_000);
  });

  test("since its object woke for the first time, where it did so again", () => {
    const offlineSinceMs = WOKE_AT_MS - 60_000;

    expect(offline({ offlineSinceMs }).awaitedMs(UNSEEN, WOKE_AT_MS)).toBe(0);
  });

  test("while it greets", () => {
    const greeting: Session = { name: "greeting", deadlineMs: 45_500, sinceMs: 40_000 };

    expect(offline().awaitedMs(greeting, 40_500)).toBe(4_500);
  });
});

describe("nobody waits for a relay", () => {
  const nowMs = 40_001;

  test("that left", () => {
    expect(offline().awaitedMs({ ...ENDED, hasLeft: true }, nowMs)).toBe(0);
  });

  test("that has a session, or leaves", () => {
    const draining: Session = { ...LIVE, name: "draining", sinceMs: 40_000 };

    expect([LIVE, draining].map((session) => offline().awaitedMs(session, nowMs))).toEqual([0, 0]);
  });

  test("that never dialed", () => {
    expect(offline({ generation: 0 }).awaitedMs(ENDED, nowMs)).toBe(0);
  });

  test.each(["suspended", "revoked"] as const)("that is %s", (status) => {
    expect(offline({ status }).awaitedMs(ENDED, nowMs)).toBe(0);
  });

  test("that was never created", () => {
    const unmade = new Offline({ read: () => undefined }, WOKE_AT_MS);

    expect(unmade.awaitedMs(UNSEEN, WOKE_AT_MS)).toBe(0);
  });
});
