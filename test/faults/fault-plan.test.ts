import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  FAULT_KINDS,
  FAULT_TYPES,
  OUTLASTING_MS,
  planOf,
  printPlan,
  type PlannedFault,
} from "./fault-plan.ts";

const LENGTH_MS = 15_000;

const endsMs = ({ atMs, lastsMs }: PlannedFault) => atMs + lastsMs;
const laneOf = ({ type }: PlannedFault) => FAULT_KINDS[type].lane;

function always(holds: (plan: PlannedFault[]) => boolean): void {
  fc.assert(fc.property(fc.integer(), (seed) => holds(planOf(seed, LENGTH_MS))));
}

test("a seed has one plan, and another seed another", () => {
  expect(planOf(7, LENGTH_MS)).toEqual(planOf(7, LENGTH_MS));
  expect(planOf(7, LENGTH_MS)).not.toEqual(planOf(8, LENGTH_MS));
});

test("a plan begins at once, and each fault begins within its length and lasts as its kind does or outlasts all", () => {
  const fits = ({ type, atMs, lastsMs }: PlannedFault) =>
    atMs >= 0 &&
    atMs <= LENGTH_MS &&
    [FAULT_KINDS[type].lastsMs, OUTLASTING_MS].some(
      ([least, most]) => lastsMs >= least && lastsMs <= most,
    );

  expect(() => always((plan) => plan[0]?.atMs === 0 && plan.every(fits))).not.toThrow();
});

test("of one lane, one fault is over before the next begins", () => {
  const inTurn = (plan: PlannedFault[]) =>
    plan.every((fault, i) =>
      plan
        .slice(i + 1)
        .every((next) => laneOf(next) !== laneOf(fault) || next.atMs > endsMs(fault)),
    );

  expect(() => always(inTurn)).not.toThrow();
});

test("faults lie over each other, and a few plans have each of them", () => {
  const plans = Array.from({ length: 10 }, (_, seed) => planOf(seed, LENGTH_MS));
  const isOver = (plan: PlannedFault[]) =>
    plan.some((fault, i) => plan.slice(i + 1).some(({ atMs }) => atMs < endsMs(fault)));

  expect(plans.every(isOver)).toBe(true);
  expect(new Set(plans.flat().map(({ type }) => type))).toEqual(new Set(FAULT_TYPES));
});

test("it is printed one fault a line", () => {
  const plan = [
    { type: "line_cut", atMs: 0, lastsMs: 0 },
    { type: "host_hung", atMs: 1_200, lastsMs: 300 },
  ] as const;

  expect(printPlan(plan)).toBe("     0 ms  line_cut, 0 ms\n  1200 ms  host_hung, 300 ms");
});
