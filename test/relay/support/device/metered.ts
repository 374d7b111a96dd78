/** A metered link whose time and traffic a test moves. */
import type { BudgetLimits } from "../../../../relay/traffic/budget.ts";
import { LinkBudget } from "../../../../relay/traffic/link-budget.ts";
import { NO_TRAFFIC, Traffic } from "../../../../relay/traffic/traffic.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { CollectingLog } from "../collecting-log.ts";

/** Begins with an hour of the clock. */
export function metered(limits: Partial<BudgetLimits>) {
  const clock = new ManualClock();
  const log = new CollectingLog();
  const traffic = new Traffic(NO_TRAFFIC, clock.wallMs());
  const budget = new LinkBudget({
    limits: { hour: undefined, month: undefined, ...limits },
    traffic: () => traffic.look(clock.wallMs()),
    clock,
    log,
  });
  return { clock, log, traffic, budget };
}
