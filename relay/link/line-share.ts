/** How many samples a slow or metered line is given to carry. Pure. */
import type { LagBound } from "../instances/observing/lag.ts";
import type { Allowance, LinkBudget } from "../traffic/link-budget.ts";

export interface Line {
  /** What it carries, in characters of frames a second; undefined if it is not known to be narrow. */
  readonly perSecond: number | undefined;
  /** The worker knows the gap `link_slow`. */
  readonly knowsSlow: boolean;
  /** The worker knows the gap `budget`. */
  readonly knowsBudget: boolean;
  /** A metered line's. */
  readonly budget?: Pick<LinkBudget, "refusalOf"> | undefined;
  /** What its budget leaves for samples. */
  readonly allowance?: Allowance | undefined;
}

/**
 * How much of the line one answer takes, so that others have their share; some samples in any case. More than a round
 * trip, or a line that became faster would go unnoticed.
 */
const ANSWER_S = 1.5;
const MIN_ANSWER_BYTES = 4_096;

/**
 * A reader that lags further does not catch up while the record keeps producing. A fast line carries all that is kept
 * in less.
 */
const MAX_LAG_S = 5;
const KEPT_S = 1.5;

/**
 * A reader held back until a budget opened again does not use it up with what came meanwhile: a minute's share passes,
 * and a tenth of what is free. The share alone, 800 bytes of 50 MB a month, would hold back readers who are hardly
 * behind.
 */
const CATCH_UP_S = 60;
const CATCH_UP_PART = 0.1;

export function answerBytes(maxBytes: number, line: Line | undefined): number {
  const perSecond = narrowest(line);
  if (perSecond === undefined) return maxBytes;
  return Math.min(maxBytes, Math.max(MIN_ANSWER_BYTES, Math.round(perSecond * ANSWER_S)));
}

export function lagBound(line: Line | undefined): LagBound | undefined {
  const perSecond = narrowest(line);
  if (line === undefined) return undefined;
  const { allowance, knowsSlow, knowsBudget } = line;
  const budget = knowsBudget ? "budget" : "not_kept";
  if (perSecond === undefined) {
    if (allowance === undefined) return undefined;
    const bytes = Math.max(allowance.perSecond * CATCH_UP_S, allowance.freeBytes * CATCH_UP_PART);
    return { maxBytes: bytes, keptBytes: bytes, reason: budget };
  }
  const slow = knowsSlow ? "link_slow" : "not_kept";
  return {
    maxBytes: perSecond * MAX_LAG_S,
    keptBytes: perSecond * KEPT_S,
    reason: perSecond === paceOf(line)?.perSecond ? budget : slow,
  };
}

/** The pace that samples have to keep to; undefined if they go as they come. */
export function paceOf(line: Line | undefined): Allowance | undefined {
  return line?.allowance?.isLow === true ? line.allowance : undefined;
}

/** In bytes a second; characters of frames are bytes, except for names and texts in other alphabets. */
function narrowest(line: Line | undefined): number | undefined {
  const rates = [line?.perSecond, paceOf(line)?.perSecond].filter((rate) => rate !== undefined);
  return rates.length === 0 ? undefined : Math.min(...rates);
}
