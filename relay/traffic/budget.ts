/**
 * What may still go over a metered link. Each purpose has its part of the budgets: samples stop first, then lists, then
 * single reads; the rest is for what always passes, such as writes. Pure: times are arguments.
 */
import { PERIOD_NAMES, type PeriodName } from "./periods.ts";
import type { TrafficNow } from "./traffic.ts";

/** In bytes, both directions together; undefined is no limit. */
export type BudgetLimits = Readonly<Record<PeriodName, number | undefined>>;

export type Purpose = "samples" | "lists" | "reads" | "always";

/** The part of a budget up to which each may go. */
const PARTS = { samples: 0.7, lists: 0.8, reads: 0.9, always: Number.POSITIVE_INFINITY } as const;

/** From this part on, what is left for samples is spread over the rest of the time. */
const LOW = 0.5;

/** What a budget no longer lets through, the least important first. */
export const SPENDINGS = ["all", "fewer_samples", "no_samples", "no_lists", "writes_only"] as const;
export type Spending = (typeof SPENDINGS)[number];

export interface Budget {
  readonly period: PeriodName;
  readonly limit: number;
  readonly used: number;
  /** When it starts over, Unix milliseconds. */
  readonly endMs: number;
}

export function budgetsOf(limits: BudgetLimits, now: TrafficNow): readonly Budget[] {
  return PERIOD_NAMES.flatMap((period) => {
    const limit = limits[period];
    const { sent, received, endMs } = now[period];
    return limit === undefined ? [] : [{ period, limit, used: sent + received, endMs }];
  });
}

/** The budget that has no room for this much more; of two, the one that opens later. */
export function exceededBy(
  budgets: readonly Budget[],
  { purpose, bytes }: { readonly purpose: Purpose; readonly bytes: number },
): Budget | undefined {
  return budgets.findLast(({ limit, used }) => used + bytes > limit * PARTS[purpose]);
}

export interface SamplesRate {
  /** The rate of what is left for samples, spread over the rest of the time. */
  readonly perSecond: number;
  /** True if samples have to keep to it. */
  readonly isLow: boolean;
  /** How much may go before they have to. */
  readonly freeBytes: number;
}

export function samplesRate(budgets: readonly Budget[], wallMs: number): SamplesRate {
  const low = budgets.filter(isLow);
  const rates = (low.length > 0 ? low : budgets).map(
    ({ limit, used, endMs }) => ((limit * PARTS.samples - used) / (endMs - wallMs)) * 1_000,
  );
  const free = budgets.map(({ limit, used }) => limit * LOW - used);
  return {
    perSecond: Math.max(0, Math.min(...rates)),
    isLow: low.length > 0,
    freeBytes: Math.max(0, Math.min(...free)),
  };
}

/** That of the budget that lets through least. */
export function spendingOf(budget: Budget): Spending {
  const isOver = (part: number) => budget.used >= budget.limit * part;
  if (isOver(PARTS.reads)) return "writes_only";
  if (isOver(PARTS.lists)) return "no_lists";
  if (isOver(PARTS.samples)) return "no_samples";
  return isLow(budget) ? "fewer_samples" : "all";
}

function isLow({ limit, used }: Budget): boolean {
  return used >= limit * LOW;
}

/** The one that decides what passes, of two alike the one that opens later; undefined if everything does. */
export function tightest(budgets: readonly Budget[]): Budget | undefined {
  const rank = (budget: Budget) => SPENDINGS.indexOf(spendingOf(budget));
  const low = budgets.toReversed().filter((one) => rank(one) > 0);
  const [first] = low.toSorted((a, b) => rank(b) - rank(a));
  return first;
}
