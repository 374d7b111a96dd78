import { expect, test } from "vitest";
import { systemClock } from "../../relay/clock.ts";

test("systemClock calls back, and not before its time", async () => {
  const startMs = systemClock.monotonicMs();
  await new Promise<void>((resolve) => {
    systemClock.after(5, resolve);
  });
  // Timers round to whole milliseconds.
  expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(4);
});

test("systemClock does not call back what was cancelled", async () => {
  let called = false;
  const cancel = systemClock.after(0, () => {
    called = true;
  });
  cancel();
  await new Promise<void>((resolve) => {
    systemClock.after(1, resolve);
  });
  expect(called).toBe(false);
});

test("systemClock tells Unix time", () => {
  expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(1_000);
});
