import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  brokenReads,
  brokenSequence,
  type Producer,
  type ReadValue,
  type Told,
  type ToldGap,
} from "./counting.ts";

/** Of 100 numbers; then, a second later, of as many as there was time for. */
const PRODUCER: Producer = {
  periodMs: 10,
  runs: [{ startedMs: 0, endedMs: 999 }, { startedMs: 2_000 }],
};
const BEFORE_MS = 1_500;
const AFTER_MS = 2_500;

const told = (
  numbers: readonly number[],
  gaps: readonly ToldGap[] = [],
  atMs = BEFORE_MS,
): Told => ({
  atMs,
  numbers,
  gaps,
});
const counted = (missed: number): ToldGap => ({ reason: "not_kept", missed });
const UNCOUNTED: ToldGap = { reason: "relay_restarted", missed: null };

describe("what a reader was told in order", () => {
  test.each<[string, Told[]]>([
    ["every number", [told([1, 2]), told([3])]],
    ["a hole that was counted", [told([1]), told([5], [counted(3)])]],
    ["two holes of one answer, counted together", [told([1]), told([3, 4, 6], [counted(2)])]],
    ["a hole that was told before", [told([1]), told([], [counted(1)]), told([3])]],
    ["a hole that nobody could count", [told([1]), told([7], [UNCOUNTED])]],
    ["what is missing before the first", [told([7], [counted(5)])]],
    ["another run", [told([98, 99]), told([0, 1], [UNCOUNTED], AFTER_MS)]],
    [
      "the end of a run when the next is as old, and then that",
      [told([20, 21], [], AFTER_MS), told([0, 1], [UNCOUNTED], AFTER_MS)],
    ],
  ])("may have %s", (_name, all) => {
    expect(brokenSequence(all, PRODUCER)).toEqual([]);
  });

  test.each<[string, Told[], RegExp]>([
    ["a silent hole", [told([1]), told([3])], /1 are missing before 3, and gaps of 0/],
    ["a silent hole within", [told([1, 3])], /1 are missing/],
    ["one more than was counted", [told([1]), told([5], [counted(2)])], /3 are missing/],
    ["one less than was counted", [told([1]), told([5], [counted(4)])], /3 are missing/],
    ["a gap where nothing is missing", [told([1]), told([2], [counted(1)])], /0 are missing/],
    ["one told twice", [told([1]), told([1])], /1 came behind 1/],
    ["one told again behind a gap", [told([2]), told([2], [UNCOUNTED])], /2 came behind 2/],
    ["one told again behind a counted gap", [told([2]), told([1], [counted(1)])], /1 came behind/],
    ["a run that began without a word", [told([99]), told([0], [], AFTER_MS)], /0 came behind 99/],
    [
      "a run after the next",
      [
        told([1], [], AFTER_MS),
        told([0], [UNCOUNTED], AFTER_MS),
        told([99], [UNCOUNTED], AFTER_MS),
      ],
      /99 came behind 0/,
    ],
    ["what never was", [told([1.5])], /1.5 was never produced/],
    ["what was not yet", [told([51], [], 500)], /51 was never produced/],
    ["what comes after a run's end", [told([100])], /100 was never produced/],
  ])("may not have %s", (_name, all, problem) => {
    expect(brokenSequence(all, PRODUCER)).toEqual([expect.stringMatching(problem)]);
  });

  test("is missing one wherever one is left out", () => {
    const leftOut = fc.property(fc.integer({ min: 3, max: 50 }), fc.nat(), (length, at) => {
      const all = Array.from({ length }, (_, n) => told([n]));
      const without = 1 + (at % (length - 2));
      const rest = all.filter((_, n) => n !== without);
      return (
        brokenSequence(all, PRODUCER).length === 0 && brokenSequence(rest, PRODUCER).length === 1
      );
    });

    expect(() => fc.assert(leftOut)).not.toThrow();
  });
});

describe("values that were read", () => {
  const at = (n: number, atMs = BEFORE_MS) => ({ n, atMs, isStale: false });
  const staleAt = (n: number) => ({ ...at(n), isStale: true });

  test("may be the same, newer, or of a later run", () => {
    expect(brokenReads([at(1), at(1), at(99), at(0, AFTER_MS)], PRODUCER)).toEqual([]);
  });

  test("may be older where they are told as stale, and the next ones are not", () => {
    expect(brokenReads([at(9), staleAt(5), at(9)], PRODUCER)).toEqual([]);
    expect(brokenReads([at(9), staleAt(5), at(6)], PRODUCER)).toHaveLength(1);
  });

  test.each<[string, ReadValue[], RegExp]>([
    ["older within a run", [at(2), at(1)], /1 was read behind 2/],
    ["of a run that is over", [at(99), at(0, AFTER_MS), at(99, AFTER_MS)], /99 was read behind 0/],
    ["what never was", [at(100)], /100 was read and never produced/],
    ["what never was, told as stale", [staleAt(100)], /100 was read and never produced/],
  ])("may not be %s", (_name, values, problem) => {
    expect(brokenReads(values, PRODUCER)).toEqual([expect.stringMatching(problem)]);
  });
});
