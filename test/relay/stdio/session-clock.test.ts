import { expect, test } from "vitest";
import { SessionClock } from "../../../relay/stdio/session-clock.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function begin() {
  const clock = new ManualClock();
  return { clock, session: new SessionClock(clock), startedAtMs: clock.wallMs() };
}

test("SessionClock starts when it is made and goes on evenly", () => {
  const { clock, session, startedAtMs } = begin();
  const startMs = clock.monotonicMs();
  clock.advance(60_000);

  expect(session.startMs).toBe(startMs);
  expect(session.startedAtMs()).toBe(startedAtMs);
  expect(session.nowMs()).toBe(startedAtMs + 60_000);
});

test("SessionClock does not tremble with a wall clock that is a little off", () => {
  const { clock, session, startedAtMs } = begin();
  clock.stepWall(900);

  expect(session.startedAtMs()).toBe(startedAtMs);
  expect(session.nowMs()).toBe(startedAtMs);
});

test.each([3_600_000, -3_600_000])("SessionClock follows a wall clock set by %d ms", (stepMs) => {
  const { clock, session, startedAtMs } = begin();
  clock.advance(5_000);
  clock.stepWall(stepMs);

  expect(session.startedAtMs()).toBe(startedAtMs + stepMs);
  expect(session.nowMs()).toBe(startedAtMs + stepMs + 5_000);
});

test("SessionClock counts what a machine slept: ages stay right, old times move", () => {
  const { clock, session } = begin();
  const seenAtMs = clock.monotonicMs() - session.startMs;
  // Asleep for an hour: only the wall clock goes on.
  clock.stepWall(3_600_000);
  clock.advance(1_000);

  expect(session.nowMs() - (session.startedAtMs() + seenAtMs)).toBe(1_000);
  expect(session.nowMs()).toBe(clock.wallMs());
});
