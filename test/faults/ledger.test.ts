import { describe, expect, test } from "vitest";
import {
  brokenPromises,
  READ_DEADLINE_MS,
  WRITE_DEADLINE_MS,
  type AskedWrite,
  type Ledger,
} from "./ledger.ts";

const NOTHING: Ledger = {
  writes: [],
  reads: [],
  taken: [],
  heard: {},
  ended: [],
  producer: { periodMs: 50, runs: [{ startedMs: 0 }] },
};

const write = (n: number, outcome: AskedWrite["outcome"], tookMs = 5): AskedWrite => ({
  n,
  outcome,
  tookMs,
});
const told = (n: number) => ({ atMs: 1_000, numbers: [n], gaps: [] });
const read = (n: number | undefined, tookMs = 3) => ({ outcome: "ok", tookMs, atMs: 1_000, n });

describe("the ledger", () => {
  test("finds nothing where every promise was kept", () => {
    const ledger: Ledger = {
      ...NOTHING,
      writes: [write(1, "applied"), write(2, "unknown"), write(3, "unknown"), write(4, "refused")],
      reads: [read(undefined), read(4), read(4), read(5)],
      taken: [1, 3],
      heard: { stream: [told(1), told(2)], drain: [told(1), told(2)] },
    };

    expect(brokenPromises(ledger)).toEqual([]);
  });

  test.each<[string, Partial<Ledger>, RegExp]>([
    ["a lost write", { writes: [write(1, "applied")] }, /acknowledged and is lost/],
    ["a doubled write", { writes: [write(1, "applied")], taken: [1, 1] }, /2 times/],
    ["a doubled uncertain write", { writes: [write(1, "unknown")], taken: [1, 1] }, /2 times/],
    ["a write that was denied", { writes: [write(1, "not_applied")], taken: [1] }, /not_applied/],
    ["a write that failed", { writes: [write(1, "failed")], taken: [1] }, /failed/],
    ["a write out of nowhere", { taken: [9] }, /never asked for/],
    ["a late write", { writes: [write(1, "unknown", WRITE_DEADLINE_MS + 1)] }, /took/],
    ["a late read", { reads: [read(undefined, READ_DEADLINE_MS + 1)] }, /answered after/],
    ["a value that never was", { reads: [read(21)] }, /21 was read and never produced/],
    ["a value of before", { reads: [read(5), read(4)] }, /4 was read behind 5/],
    ["what one reader missed", { heard: { a: [told(1)], b: [told(1), told(3)] } }, /^b: 1 are/],
    ["a subscription that ended", { ended: ["unknown_subscription"] }, /unknown_subscription/],
  ])("finds %s", (_name, part, problem) => {
    expect(brokenPromises({ ...NOTHING, ...part })).toEqual([expect.stringMatching(problem)]);
  });
});
