import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toAgeRange } from "#shared/mcp/asking/time-range.ts";

const NOW_MS = Date.parse("2026-11-25T10:00:00Z");

describe("toAgeRange()", () => {
  test.each([
    { range: {}, ages: {} },
    { range: { lastSeconds: 600 }, ages: { fromAgeMs: 600_000 } },
    { range: { from: "2026-11-25T09:00:00Z" }, ages: { fromAgeMs: 3_600_000 } },
    { range: { from: "2026-11-25T10:30:00+01:00" }, ages: { fromAgeMs: 1_800_000 } },
    { range: { from: "2026-11-25T09:59:59.500000000Z" }, ages: { fromAgeMs: 500 } },
    { range: { from: "2026-11-25" }, ages: { fromAgeMs: 36_000_000 } },
    { range: { to: "2026-11-25T09:50:00Z" }, ages: { toAgeMs: 600_000 } },
    { range: { to: "2026-11-25T11:00:00Z" }, ages: { toAgeMs: 0 } },
    {
      range: { to: "2026-11-25T09:50:00Z", lastSeconds: 60 },
      ages: { fromAgeMs: 660_000, toAgeMs: 600_000 },
    },
  ])("reads $range", ({ range, ages }) => {
    expect(toAgeRange(range, NOW_MS)).toEqual({ ok: true, value: ages });
  });

  test.each([
    { range: { lastSeconds: 5, from: "2026-11-25T09:00:00Z" }, why: "not both" },
    { range: { from: "2026-11-25T10:00:01Z" }, why: "in the past" },
    { range: { from: "2026-11-25T09:00:00Z", to: "2026-11-25T08:00:00Z" }, why: "before to" },
    { range: { from: "yesterday" }, why: "ISO-8601" },
    { range: { from: "2026-11-25T09:00:00" }, why: "ISO-8601" },
    { range: { to: "1795600000" }, why: "ISO-8601" },
    { range: { to: "2026-13-01" }, why: "ISO-8601" },
    { range: { to: "" }, why: "ISO-8601" },
  ])("refuses $range and says why", ({ range, why }) => {
    expect(toAgeRange(range, NOW_MS)).toEqual({ ok: false, error: expect.stringContaining(why) });
  });

  test.each(["yesterday", "2027-01-01"])("tells who names %s what time it is", (from) => {
    expect(toAgeRange({ from }, NOW_MS)).toEqual({
      ok: false,
      error: expect.stringMatching(
        / It is now 2026-11-25T10:00:00\.000Z; last_seconds counts back without a clock\.$/,
      ),
    });
  });

  test("never throws, and gives ages in order", () => {
    const time = fc.option(
      fc.oneof(
        fc.string(),
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      ),
      { nil: undefined },
    );
    fc.assert(
      fc.property(time, time, (from, to) => {
        const range = toAgeRange({ from, to }, NOW_MS);
        if (!range.ok) return;
        const { fromAgeMs = Infinity, toAgeMs = 0 } = range.value;
        expect(fromAgeMs).toBeGreaterThan(toAgeMs);
        expect(toAgeMs).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
