import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  brokenPromises,
  READ_DEADLINE_MS,
  WRITE_DEADLINE_MS,
  type AskedWrite,
  type Heard,
  type Ledger,
} from "./ledger.ts";

const NOTHING: Ledger = { writes: [], reads: [], taken: [], heard: [] };

const write = (n: number, outcome: AskedWrite["outcome"], tookMs = 5): AskedWrite => ({
  n,
  outcome,
  tookMs,
});
const sample = (n: number, epoch = "a.0"): Heard => ({ type: "sample", n, epoch });
const gap: Heard = { type: "gap", reason: "relay_restart" };

describe("the ledger", () => {
  test("finds nothing where every promise was kept", () => {
    const ledger: Ledger = {
      writes: [write(1, "applied"), write(2, "unknown"), write(3, "unknown"), write(4, "refused")],
      reads: [{ outcome: "ok", tookMs: 3 }],
      taken: [1, 3],
      heard: [sample(1), sample(2), gap, sample(7), gap, sample(0, "b.0"), sample(1, "b.0")],
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
    ["a late read", { reads: [{ outcome: "ok", tookMs: READ_DEADLINE_MS + 1 }] }, /answered after/],
    ["a silent gap", { heard: [sample(1), sample(3)] }, /no gap was told/],
    ["a sample told twice", { heard: [sample(1), sample(1)] }, /no gap was told/],
    ["a sample told again behind a gap", { heard: [sample(2), gap, sample(2)] }, /no gap/],
    ["a sample that never was", { heard: [sample(1.5)] }, /never produced/],
  ])("finds %s", (_name, part, problem) => {
    expect(brokenPromises({ ...NOTHING, ...part })).toEqual([expect.stringMatching(problem)]);
  });

  test("finds every sample that is left out of a run, wherever it is", () => {
    const leftOut = fc.property(fc.integer({ min: 3, max: 50 }), fc.nat(), (length, at) => {
      const run = Array.from({ length }, (_, n) => sample(n));
      const without = 1 + (at % (length - 2));
      const heard = run.filter((_, n) => n !== without);
      return (
        brokenPromises({ ...NOTHING, heard: run }).length === 0 &&
        brokenPromises({ ...NOTHING, heard }).length === 1
      );
    });

    expect(() => fc.assert(leftOut)).not.toThrow();
  });
});
