import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLOSE_CODES } from "#shared/link/close-code.ts";
import {
  DIAL_TIMEOUT_MS,
  HEALTHY_AFTER_MS,
  initialLink,
  nextTickMs,
  step,
  type LinkEvent,
  type LinkState,
} from "../../../relay/link/link-state.ts";

const NOW = { nowMs: 100_000, random: 0.5 };
const INTERVAL_MS = 10_000;

const WAITING: LinkState = { name: "waiting", untilMs: 90_000, attempt: 2 };
const DIALING: LinkState = {
  name: "dialing",
  deadlineMs: 110_000,
  attempt: 2,
  clockCorrected: false,
};
const GREETING: LinkState = { name: "greeting", deadlineMs: 102_000, attempt: 2 };
const LIVE: LinkState = {
  name: "live",
  sinceMs: 95_000,
  attempt: 2,
  intervalMs: INTERVAL_MS,
  beat: { name: "idle", dueMs: 105_000 },
};
const DRAINING: LinkState = {
  name: "draining",
  intervalMs: INTERVAL_MS,
  beat: { name: "idle", dueMs: 105_000 },
  quietAtMs: 101_000,
  deadlineMs: 129_000,
};
const QUIET: LinkState = { ...DRAINING, quietAtMs: undefined };
const BEATING: LinkState = { ...LIVE, beat: { name: "awaiting_answer", deadlineMs: 108_000 } };
const STOPPED: LinkState = { name: "stopped", why: "refused", advice: "x" };

const TICK: LinkEvent = { type: "tick" };
const DIAL_NOW: LinkEvent = { type: "dial_now" };
const UNREACHABLE: LinkEvent = {
  type: "dial_failed",
  failure: { type: "unreachable", reason: "no route" },
};
const GONE: LinkEvent = { type: "closed", code: 1006 };
const REVOKED: LinkEvent = { type: "closed", code: CLOSE_CODES.revoked.code };
const NEXT_WAIT = { name: "waiting", attempt: 3, untilMs: 101_000 };
const REFUSED = { name: "stopped", why: "refused" };

function refused(status: number, serverTimeMs?: number): LinkEvent {
  const refusal = serverTimeMs === undefined ? "revoked" : "clock";
  const answer = { status, refusal, retryAfterMs: undefined, serverTimeMs };
  return { type: "dial_failed", failure: { type: "status", ...answer } };
}

function effectsOf({ effects }: ReturnType<typeof step>): string[] {
  return effects.map(({ type }) => type);
}

describe("step", () => {
  test.each<[LinkState, LinkEvent, object, string[]]>([
    [WAITING, TICK, { name: "dialing", attempt: 2, deadlineMs: 115_000 }, ["dial"]],
    [{ ...WAITING, untilMs: 100_001 }, TICK, { name: "waiting" }, []],
    [WAITING, { type: "stop" }, { name: "stopped", why: "asked" }, []],
    [DIALING, { type: "opened" }, { name: "greeting", deadlineMs: 105_000 }, ["send_hello"]],
    [DIALING, UNREACHABLE, NEXT_WAIT, ["log_down"]],
    [DIALING, refused(503), NEXT_WAIT, ["log_down"]],
    [DIALING, refused(410), REFUSED, []],
    [DIALING, refused(401, 9), { name: "dialing", clockCorrected: true }, ["dial"]],
    [{ ...DIALING, clockCorrected: true }, refused(401, 9), NEXT_WAIT, ["log_down"]],
    [DIALING, TICK, DIALING, []],
    [{ ...DIALING, deadlineMs: 100_000 }, TICK, NEXT_WAIT, ["abandon", "log_down"]],
    [DIALING, { type: "stop" }, { name: "stopped", why: "asked" }, ["close"]],
    [
      GREETING,
      { type: "welcomed", intervalMs: INTERVAL_MS },
      { name: "live", sinceMs: 100_000, attempt: 2, beat: { name: "idle", dueMs: 110_000 } },
      [],
    ],
    [GREETING, GONE, NEXT_WAIT, ["log_down"]],
    [GREETING, REVOKED, REFUSED, []],
    [GREETING, TICK, GREETING, []],
    [{ ...GREETING, deadlineMs: 100_000 }, TICK, NEXT_WAIT, ["abandon", "log_down"]],
    [GREETING, { type: "stop" }, { name: "stopped", why: "asked" }, ["close"]],
    [LIVE, TICK, LIVE, []],
    [
      { ...LIVE, beat: { name: "idle", dueMs: 100_000 } },
      TICK,
      { name: "live" },
      ["send_heartbeat"],
    ],
    [LIVE, { type: "heard" }, LIVE, []],
    [BEATING, { type: "heard" }, { name: "live", beat: { name: "idle", dueMs: 110_000 } }, []],
    [BEATING, TICK, BEATING, []],
    [
      { ...LIVE, beat: { name: "awaiting_answer", deadlineMs: 100_000 } },
      TICK,
      NEXT_WAIT,
      ["abandon", "log_down"],
    ],
    [LIVE, GONE, NEXT_WAIT, ["log_down"]],
    [LIVE, REVOKED, REFUSED, []],
    [
      LIVE,
      { type: "stop" },
      { name: "draining", quietAtMs: 102_000, deadlineMs: 130_000 },
      ["send_drain"],
    ],
    [LIVE, DIAL_NOW, { name: "live", beat: { name: "awaiting_answer" } }, ["send_heartbeat"]],
    [BEATING, DIAL_NOW, BEATING, []],
    [{ ...WAITING, untilMs: 999_000 }, DIAL_NOW, { name: "dialing", attempt: 2 }, ["dial"]],
    [DIALING, DIAL_NOW, { name: "dialing", attempt: 2, deadlineMs: 115_000 }, ["abandon", "dial"]],
    [GREETING, DIAL_NOW, { name: "dialing", attempt: 2, deadlineMs: 115_000 }, ["abandon", "dial"]],
    [DRAINING, { type: "idle" }, DRAINING, []],
    [DRAINING, { type: "drained" }, QUIET, []],
    [{ ...DRAINING, quietAtMs: 100_000 }, TICK, QUIET, []],
    [QUIET, { type: "idle" }, { name: "stopped", why: "asked" }, ["close"]],
    [QUIET, TICK, QUIET, []],
    [{ ...QUIET, deadlineMs: 100_000 }, TICK, { name: "stopped", why: "asked" }, ["close"]],
    [
      { ...QUIET, beat: { name: "idle", dueMs: 100_000 } },
      TICK,
      { name: "draining", beat: { name: "awaiting_answer" } },
      ["send_heartbeat"],
    ],
    [
      { ...QUIET, beat: { name: "awaiting_answer", deadlineMs: 100_000 } },
      TICK,
      { name: "stopped", why: "asked" },
      ["close"],
    ],
    [
      { ...QUIET, beat: { name: "awaiting_answer", deadlineMs: 101_000 } },
      { type: "heard" },
      { name: "draining", beat: { name: "idle", dueMs: 110_000 } },
      [],
    ],
    [DRAINING, GONE, { name: "stopped", why: "asked" }, []],
  ])("from %j on %j leads to %j with %j", (state, event, next, effects) => {
    const stepped = step(state, event, NOW);
    expect(stepped.state).toMatchObject(next);
    expect(effectsOf(stepped)).toEqual(effects);
  });

  test.each<[LinkState, LinkEvent]>([
    [WAITING, { type: "opened" }],
    [WAITING, { type: "heard" }],
    [WAITING, GONE],
    [WAITING, UNREACHABLE],
    [WAITING, { type: "welcomed", intervalMs: 1_000 }],
    [DIALING, { type: "heard" }],
    [DIALING, { type: "welcomed", intervalMs: 1_000 }],
    [GREETING, { type: "heard" }],
    [GREETING, { type: "opened" }],
    [LIVE, { type: "opened" }],
    [LIVE, { type: "welcomed", intervalMs: 1_000 }],
    [LIVE, UNREACHABLE],
    [LIVE, { type: "drained" }],
    [LIVE, { type: "idle" }],
    [DRAINING, DIAL_NOW],
    [DRAINING, { type: "stop" }],
    [DRAINING, UNREACHABLE],
  ])("from %j passes over %j", (state, event) => {
    expect(step(state, event, NOW)).toEqual({ state, effects: [] });
  });

  test.each<LinkEvent>([
    TICK,
    { type: "opened" },
    UNREACHABLE,
    { type: "welcomed", intervalMs: 1_000 },
    { type: "heard" },
    GONE,
    { type: "stop" },
    DIAL_NOW,
    { type: "drained" },
    { type: "idle" },
  ])("stopped absorbs %j", (event) => {
    expect(step(STOPPED, event, NOW)).toEqual({ state: STOPPED, effects: [] });
  });

  test("dials the first time at once", () => {
    expect(effectsOf(step(initialLink(100_000), TICK, NOW))).toEqual(["dial"]);
  });

  test("hands the worker's time to the next dial", () => {
    expect(step(DIALING, refused(401, 1_795_000_000_000), NOW).effects).toEqual([
      { type: "dial", serverTimeMs: 1_795_000_000_000 },
    ]);
  });

  test("waits the worker's time at least, and spreads beyond it [W-4]", () => {
    const later: LinkEvent = {
      type: "dial_failed",
      failure: {
        type: "status",
        status: 429,
        refusal: "slow_down",
        retryAfterMs: 60_000,
        serverTimeMs: undefined,
      },
    };
    const waits = [0, 0.5, 0.999].map(
      (random) => (nextTickMs(step(DIALING, later, { ...NOW, random }).state) ?? 0) - NOW.nowMs,
    );
    expect(waits[0]).toBe(60_000);
    expect(waits[1]).toBe(91_000);
    expect(waits[2]).toBeGreaterThan(waits[1] ?? 0);
  });

  test("waits a random part of a bound that doubles up to half a minute [W-2]", () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.nat(40), random, (attempt, random) => {
        const { state } = step({ ...DIALING, attempt }, UNREACHABLE, { ...NOW, random });
        const waitMs = (nextTickMs(state) ?? 0) - NOW.nowMs;
        const exactMs = random * Math.min(30_000, 500 * 2 ** attempt);
        expect(Math.abs(waitMs - exactMs)).toBeLessThan(0.501);
        expect(state).toMatchObject({ attempt: attempt + 1 });
      }),
    );
    expect(initialLink(0)).toMatchObject({ attempt: 0 });
  });

  test.each([
    [0, 30_000],
    [0.5, 45_000],
    [1 - Number.EPSILON, 60_000],
  ])("waits, at random %d, %d ms more where another took its place [C-2]", (random, moreMs) => {
    const waitMsAfter = (code: number) => {
      const { state } = step(LIVE, { type: "closed", code }, { ...NOW, random });
      return nextTickMs(state) ?? 0;
    };
    const replaced = waitMsAfter(CLOSE_CODES.replaced.code);
    expect(replaced - waitMsAfter(CLOSE_CODES.normal.code)).toBeCloseTo(moreMs, 3);
  });

  test("says in its log why the link is down and how long it waits", () => {
    expect(step(LIVE, GONE, NOW).effects).toEqual([
      { type: "log_down", why: "the link broke (1006)", failures: 3, waitMs: 1_000 },
    ]);
  });
});

describe("step counts attempts", () => {
  const attemptAfter = (liveForMs: number) => {
    const since: LinkState = { ...LIVE, sinceMs: NOW.nowMs - liveForMs };
    const { state } = step(since, GONE, NOW);
    return state.name === "waiting" ? state.attempt : undefined;
  };

  test("on until a link stayed live for a while [W-3]", () => {
    expect(attemptAfter(HEALTHY_AFTER_MS - 1)).toBe(3);
  });

  test("from the start once it did [W-3]", () => {
    expect(attemptAfter(HEALTHY_AFTER_MS)).toBe(1);
  });

  test("on through a dial that only set the clock", () => {
    expect(step(DIALING, refused(401, 9), NOW).state).toMatchObject({ attempt: 2 });
  });
});

test.each<[LinkState, number | undefined]>([
  [WAITING, 90_000],
  [DIALING, 110_000],
  [GREETING, 102_000],
  [LIVE, 105_000],
  [BEATING, 108_000],
  [DRAINING, 101_000],
  [QUIET, 105_000],
  [{ ...QUIET, deadlineMs: 102_000 }, 102_000],
  [STOPPED, undefined],
])("nextTickMs of %j is %s", (state, dueMs) => {
  expect(nextTickMs(state)).toBe(dueMs);
});

test("a link that is ticked on time never stays where it is, whatever happens before", () => {
  const event = fc.constantFrom<LinkEvent>(
    TICK,
    { type: "opened" },
    UNREACHABLE,
    refused(401, 9),
    refused(503),
    { type: "welcomed", intervalMs: INTERVAL_MS },
    { type: "heard" },
    GONE,
    DIAL_NOW,
    { type: "stop" },
    { type: "drained" },
  );
  const pause = fc.integer({ min: 0, max: 2 * DIAL_TIMEOUT_MS });
  fc.assert(
    fc.property(fc.array(fc.tuple(event, pause)), (events) => {
      let nowMs = 0;
      let state = initialLink(0);
      for (const [event, pauseMs] of events) {
        nowMs += pauseMs;
        state = step(state, event, { nowMs, random: 0.5 }).state;
      }
      const dueMs = Math.max(nowMs, nextTickMs(state) ?? nowMs);
      const ticked = step(state, TICK, { nowMs: dueMs, random: 0.5 });
      if (state.name === "stopped") return;
      expect(ticked.state).not.toEqual(state);
      expect(nextTickMs(ticked.state) ?? dueMs).toBeGreaterThanOrEqual(dueMs);
    }),
  );
});
