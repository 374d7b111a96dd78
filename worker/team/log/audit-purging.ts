/** The alarm's work on a log that nothing is appended to: counted refusals get their line, expired lines are deleted. */
import { wakeBy, type Alarms } from "../../storage/wake-by.ts";
import type { AuditLog } from "./audit-log.ts";
import { MINUTE_MS } from "./refusal-fold.ts";

/** A line may be deleted this late, so that all that expires in one day goes together. */
const DAY_MS = 86_400_000;
/** So that calls get their turn in between. */
const PAUSE_MS = 1_000;

type Ending = Pick<AuditLog, "nextEndMs">;

/** After a line was added, or the retention was shortened. */
export async function planLogAlarm(
  log: Ending,
  alarms: Alarms,
  { nowMs, isCounting }: { readonly nowMs: number; readonly isCounting: boolean },
): Promise<void> {
  if (isCounting) return wakeBy(alarms, nowMs + MINUTE_MS);
  const nextEndMs = log.nextEndMs();
  if (nextEndMs !== undefined) await wakeBy(alarms, Math.max(nextEndMs, nowMs + DAY_MS));
}

/** In the alarm, after its other work. */
export async function purgeLog(
  log: Ending & Pick<AuditLog, "purge">,
  alarms: Alarms,
  nowMs: number,
): Promise<void> {
  if (log.purge(nowMs)) await wakeBy(alarms, nowMs + PAUSE_MS);
  else await planLogAlarm(log, alarms, { nowMs, isCounting: false });
}
