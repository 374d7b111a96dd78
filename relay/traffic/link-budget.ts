/** A metered link's budget as senders ask it: what passes now, and when samples may go again. */
import type { Failure } from "#shared/failure.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import {
  budgetsOf,
  exceededBy,
  samplesRate,
  spendingOf,
  tightest,
  type Budget,
  type BudgetLimits,
  type Purpose,
  type SamplesRate,
  type Spending,
} from "./budget.ts";
import { budgetRefusal } from "./budget-refusal.ts";
import type { TrafficNow } from "./traffic.ts";

export interface LinkBudgetOptions {
  readonly limits: BudgetLimits;
  /** Up to this moment. */
  readonly traffic: () => TrafficNow;
  readonly clock: Pick<Clock, "monotonicMs" | "wallMs">;
  readonly log: Log;
}

export interface BudgetState {
  readonly limits: BudgetLimits;
  readonly spending: Spending;
  /** When more passes again, Unix milliseconds. */
  readonly untilMs: number | undefined;
}

/** What samples may take now. */
export interface Allowance extends SamplesRate {
  /** The wait until the next may go; asked again, it may be less. */
  readonly restMs: () => number;
  /** This much goes. */
  readonly take: (bytes: number) => void;
}

export class LinkBudget {
  readonly #options: LinkBudgetOptions;
  #spending: Spending = "all";
  /** How much of the samples that went their rate had not yet made up for at that time of the monotonic clock. */
  #owed = { bytes: 0, atMs: 0 };

  constructor(options: LinkBudgetOptions) {
    this.#options = options;
  }

  /** Undefined if this much more may go, in addition to what waits to be sent. */
  refusalOf(purpose: Purpose, bytes: number): Failure | undefined {
    if (purpose === "always") return undefined;
    const budget = exceededBy(this.look(), { purpose, bytes });
    if (budget === undefined) return undefined;
    return budgetRefusal(budget, purpose, this.#options.clock.wallMs());
  }

  allowance(): Allowance {
    return {
      ...this.#rate(),
      restMs: () => this.#restMs(),
      take: (bytes) => this.#take(bytes),
    };
  }

  get state(): BudgetState {
    const budget = tightest(this.look());
    return { limits: this.#options.limits, spending: this.#spending, untilMs: budget?.endMs };
  }

  /** Says once in the log what passes from now on. */
  look(): readonly Budget[] {
    const { limits, traffic, log } = this.#options;
    const budgets = budgetsOf(limits, traffic());
    const budget = tightest(budgets);
    const spending = budget === undefined ? "all" : spendingOf(budget);
    if (spending === this.#spending) return budgets;
    this.#spending = spending;
    if (budget === undefined) log.info("link_budget_open");
    else log.warn("link_budget_low", { passes: spending, ...fieldsOf(budget) });
    return budgets;
  }

  #rate(): SamplesRate {
    return samplesRate(this.look(), this.#options.clock.wallMs());
  }

  #restMs(): number {
    const { perSecond, isLow } = this.#rate();
    const owed = this.#owedNow(perSecond);
    return isLow && owed > 0 ? (owed / perSecond) * 1_000 : 0;
  }

  #take(bytes: number): void {
    const owed = this.#owedNow(this.#rate().perSecond);
    this.#owed = { bytes: owed + bytes, atMs: this.#options.clock.monotonicMs() };
  }

  #owedNow(perSecond: number): number {
    const ms = this.#options.clock.monotonicMs() - this.#owed.atMs;
    return ms <= 0 ? this.#owed.bytes : Math.max(0, this.#owed.bytes - (perSecond * ms) / 1_000);
  }
}

function fieldsOf({ period, limit, used, endMs }: Budget) {
  return { period, used, of: limit, until: new Date(endMs).toISOString() };
}
