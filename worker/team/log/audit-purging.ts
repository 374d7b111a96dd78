/** What becomes of a log to which nothing is added any more, by the object's alarm: counts get their line, old lines go. */
import { wakeBy, type Alarms } from "../../storage/wake-by.ts";
import type { AuditLog } from "./audit-log.ts";
import { MINUTE_MS } from "./refusal-fold.ts";

/** So late a line may go: what ends in one day goes together. */
const DAY_MS = 86_400_000;
/** So that calls have their turn in between. */
const PAUSE_MS = 1_000;

type Ending = Pick<AuditLog, "nextEndMs">;

/** After a line was added, or the team keeps lines for less long. */
export async function planLogAlarm(
  log: Ending,
  alarms: Alarms,
  { nowMs, isCounting }: { readonly nowMs: number; readonly isCounting: boolean },
): Promise<void> {
  if (isCounting) return wakeBy(alarms, nowMs + MINUTE_MS);
  const nextEndMs = log.nextEndMs();
  if (nextEndMs !== undefined) await wakeBy(alarms, Math.max(nextEndMs, nowMs + DAY_MS));
}

/** In the alarm, behind what else it is for. */
export async function purgeLog(
  log: Ending & Pick<AuditLog, "purge">,
  alarms: Alarms,
  nowMs: number,
): Promise<void> {
  if (log.purge(nowMs)) await wakeBy(alarms, nowMs + PAUSE_MS);
  else await planLogAlarm(log, alarms, { nowMs, isCounting: false });
}
