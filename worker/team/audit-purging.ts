/** The end of old lines in a log to which nothing is added any more: once a day, by the object's alarm. */
import type { AuditLog } from "./audit-log.ts";

const DAY_MS = 86_400_000;
/** So that calls have their turn in between. */
const PAUSE_MS = 1_000;

type Alarms = Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;

/** After a line was added. An alarm that is set for something else does this too. */
export async function planLogPurge(alarms: Alarms, nowMs: number): Promise<void> {
  if ((await alarms.getAlarm()) === null) await alarms.setAlarm(nowMs + DAY_MS);
}

/** In the alarm, behind what else it is for. */
export async function purgeLog(
  log: Pick<AuditLog, "purge" | "isEmpty">,
  alarms: Alarms,
  nowMs: number,
): Promise<void> {
  if (log.purge(nowMs)) await alarms.setAlarm(nowMs + PAUSE_MS);
  else if (!log.isEmpty) await planLogPurge(alarms, nowMs);
}
