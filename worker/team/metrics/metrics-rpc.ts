/** What relay objects report to their team for its metrics, and what a scrape asks of it. */
import type { RelayCounts } from "../../relay/link/link-counts.ts";
import type { DayUse } from "../../access/rights.ts";
import type { CountsView } from "./team-counts.ts";

/** A team in numbers, without any names. */
export interface TeamNumbers {
  readonly counts: CountsView;
  readonly relays: Readonly<Record<"connected" | "offline" | "suspended", number>>;
  readonly instances: Readonly<Record<"up" | "down" | "offline", number>>;
  /** Since 00:00 UTC; null if it is not limited. */
  readonly today: DayUse | null;
}

export interface TeamMetricsRpc {
  noteCounts(relayId: string, counts: RelayCounts): void;
  numbers(): TeamNumbers | null;
}
