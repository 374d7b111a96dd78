import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Purpose } from "../../../relay/traffic/budget.ts";
import { metered } from "../support/device/metered.ts";

const HOUR_MS = 3_600_000;
const PURPOSES: readonly Purpose[] = ["samples", "lists", "reads", "always"];

describe("LinkBudget", () => {
  test.each([
    { used: 0, passing: ["samples", "lists", "reads", "always"], spending: "all" },
    { used: 50_000, passing: ["samples", "lists", "reads", "always"], spending: "fewer_samples" },
    { used: 70_000, passing: ["lists", "reads", "always"], spending: "no_samples" },
    { used: 80_000, passing: ["reads", "always"], spending: "no_lists" },
    { used: 90_000, passing: ["always"], spending: "writes_only" },
    { used: 500_000, passing: ["always"], spending: "writes_only" },
  ])("lets $passing pass where $used of 100000 bytes are used [U-3]", ({ used, ...then }) => {
    const { budget, traffic } = metered({ hour: 100_000 });
    traffic.noteReceived(used);

    expect(PURPOSES.filter((one) => budget.refusalOf(one, 1) === undefined)).toEqual(then.passing);
    expect(budget.state.spending).toBe(then.spending);
  });

  test("refuses what would be too much, and lets pass what is not [U-3]", () => {
    const { budget, traffic } = metered({ hour: 100_000 });
    traffic.noteSent(60_000);

    expect(budget.refusalOf("samples", 10_000)).toBeUndefined();
    expect(budget.refusalOf("samples", 10_001)).toBeDefined();
  });

  test("names the budget, what is left for, and when it opens again [U-3]", () => {
    const { budget, traffic, clock } = metered({ hour: 10_000_000 });
    clock.advance(20 * 60_000);
    traffic.noteSent(9_500_000);

    expect(budget.refusalOf("reads", 1)).toEqual({
      code: "rate_limited",
      message:
        "This device pays for its link and lets 10 MB an hour (link_budget_per_hour) pass, of which 9.5 MB are used. The rest is for writes. It opens again at 2026-11-20T13:00:00Z.",
      details: { retry_after_s: 40 * 60 },
    });
  });

  test("opens again when the hour turns, and the month may still be used up", () => {
    const { budget, traffic, clock } = metered({ hour: 100_000, month: 150_000 });
    traffic.noteSent(95_000);
    const before = budget.refusalOf("reads", 1)?.details?.retry_after_s;
    clock.advance(HOUR_MS);
    const open = budget.refusalOf("reads", 1);
    traffic.noteSent(50_000);

    expect([before, open]).toEqual([3_600, undefined]);
    expect(budget.refusalOf("reads", 1)?.message).toContain("opens again at 2026-12-01T00:00:00Z");
    expect(budget.state.untilMs).toBe(Date.UTC(2026, 11));
  });

  test("says when it opens, where the month holds back as much as the hour", () => {
    const { budget, traffic } = metered({ hour: 100_000, month: 100_000 });
    traffic.noteSent(75_000);

    expect(budget.state).toMatchObject({ spending: "no_samples", untilMs: Date.UTC(2026, 11) });
  });

  test("says once what passes, whoever asks how often", () => {
    const { budget, traffic, clock, log } = metered({ hour: 100_000 });
    const look = () => void [budget.look(), budget.look(), budget.refusalOf("reads", 5)];
    look();
    traffic.noteSent(75_000);
    look();
    traffic.noteSent(20_000);
    look();
    clock.advance(HOUR_MS);
    look();

    const until = "2026-11-20T13:00:00.000Z";
    const low = { level: "warn", event: "link_budget_low", period: "hour", of: 100_000, until };
    expect(log.entries).toEqual([
      { ...low, passes: "no_samples", used: 75_000 },
      { ...low, passes: "writes_only", used: 95_000 },
      { level: "info", event: "link_budget_open" },
    ]);
  });

  test("spreads what is left for samples over the rest of the hour [U-2]", () => {
    const { budget, traffic, clock } = metered({ hour: 100_000 });
    const before = budget.allowance().isLow;
    traffic.noteSent(60_000);
    clock.advance(HOUR_MS / 2);
    const allowance = budget.allowance();
    const rests = [allowance.restMs()];
    allowance.take(1_000);
    rests.push(allowance.restMs());
    clock.advance(60_000);
    rests.push(allowance.restMs());

    expect([before, allowance.isLow]).toEqual([false, true]);
    expect(allowance.perSecond).toBeCloseTo(10_000 / 1_800);
    expect(rests[0]).toBe(0);
    expect(rests[1]).toBeCloseTo(180_000);
    // What was spared meanwhile makes the rest shorter.
    expect(rests[2]).toBeLessThan(120_000);
    clock.advance(HOUR_MS / 2);
    expect(allowance.restMs()).toBe(0);
  });

  test("never lets more pass than each purpose may, whatever is asked and whenever", () => {
    const asked = fc.record({
      purpose: fc.constantFrom(...PURPOSES),
      bytes: fc.integer({ min: 1, max: 40_000 }),
      received: fc.integer({ min: 0, max: 2_000 }),
      waitMs: fc.integer({ min: 0, max: HOUR_MS / 4 }),
    });
    const parts = { samples: 0.7, lists: 0.8, reads: 0.9, always: Number.POSITIVE_INFINITY };
    const isKept = fc.property(fc.array(asked, { maxLength: 200 }), (questions) => {
      const limits = { hour: 100_000, month: 400_000 };
      const { budget, traffic, clock } = metered(limits);
      for (const { purpose, bytes, received, waitMs } of questions) {
        clock.advance(waitMs);
        traffic.noteReceived(received);
        if (budget.refusalOf(purpose, bytes) !== undefined) continue;
        traffic.noteSent(bytes);
        const { hour, month } = traffic.look(clock.wallMs());
        if (hour.sent + hour.received > limits.hour * parts[purpose]) return false;
        if (month.sent + month.received > limits.month * parts[purpose]) return false;
      }
      return true;
    });

    expect(fc.check(isKept).failed).toBe(false);
  });
});
