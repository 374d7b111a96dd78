import { expect, test } from "vitest";
import { SET_BACK_MS, watchClock } from "../../../../worker/selfhost/process/clock-watch.ts";

/** What was told when the wall clock was set by so much between looks, a second and a bit apart. */
function toldOf(steps: readonly number[]): number[] {
  const clock = { wallMs: 1_000_000, monotonicMs: 0 };
  const told: number[] = [];
  let look = () => {};
  watchClock((ms) => told.push(ms), {
    wallMs: () => clock.wallMs,
    monotonicMs: () => clock.monotonicMs,
    every: (_ms, run) => {
      look = run;
    },
  });
  for (const stepMs of steps) {
    clock.monotonicMs += 1_003;
    clock.wallMs += 1_003 + stepMs;
    look();
  }
  return told;
}

test("a clock that is set back is reported once", () => {
  expect(toldOf([0, -3_600_000, 0, 0])).toEqual([3_600_000]);
});

test("one that is set forward, or goes a little wrong, is not", () => {
  expect(toldOf([3_600_000, 1 - SET_BACK_MS, -500, -500])).toEqual([]);
});
