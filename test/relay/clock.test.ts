import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemClock } from "../../relay/clock.ts";

/** In a turn that has been running for a while, so that Node's own count of time is behind. */
async function timeUntilCalledBack(delayMs: number): Promise<number> {
  await setImmediate();
  const busyUntilMs = performance.now() + 3;
  while (performance.now() < busyUntilMs);
  const startMs = systemClock.monotonicMs();
  await new Promise<void>((resolve) => {
    systemClock.after(delayMs, resolve);
  });
  return systemClock.monotonicMs() - startMs;
}

test.each([0, 0.4, 1, 2.5, 7.9])("systemClock calls back not before %d ms are over", async (ms) => {
  for (let i = 0; i < 10; i += 1) expect(await timeUntilCalledBack(ms)).toBeGreaterThanOrEqual(ms);
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
