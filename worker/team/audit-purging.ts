/** What becomes of a log to which nothing is added any more, by the object's alarm: counts get their line, old lines go. */
import type { AuditLog } from "./audit-log.ts";
import { MINUTE_MS } from "./refusal-fold.ts";

const DAY_MS = 86_400_000;
/** So that calls have their turn in between. */
const PAUSE_MS = 1_000;

type Alarms = Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;

/** After a line was added. An alarm that is set for something else does this too. */
export async function planLogAlarm(
  alarms: Alarms,
  { nowMs, isCounting }: { readonly nowMs: number; readonly isCounting: boolean },
): Promise<void> {
  const planned = await alarms.getAlarm();
  const latest = nowMs + (isCounting ? MINUTE_MS : DAY_MS);
  if (planned === null || (isCounting && planned > latest)) await alarms.setAlarm(latest);
}

/** In the alarm, behind what else it is for. */
export async function purgeLog(
  log: Pick<AuditLog, "purge" | "isEmpty">,
  alarms: Alarms,
  nowMs: number,
): Promise<void> {
  if (log.purge(nowMs)) await alarms.setAlarm(nowMs + PAUSE_MS);
  else if (!log.isEmpty) await planLogAlarm(alarms, { nowMs, isCounting: false });
}
