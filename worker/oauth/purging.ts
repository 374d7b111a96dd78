/** The end of what has ended: an alarm deletes it, an hour after the last write at the latest, and not more often. */
import type { EntryStore } from "./entry-store.ts";

const MIN_PURGE_INTERVAL_MS = 3_600_000;

type Alarms = Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;

/** After a write. */
export async function planPurge(alarms: Alarms, nowMs: number): Promise<void> {
  const planned = await alarms.getAlarm();
  const latest = nowMs + MIN_PURGE_INTERVAL_MS;
  if (planned === null || planned > latest) await alarms.setAlarm(latest);
}

/** In the alarm. */
export async function purge(store: EntryStore, alarms: Alarms, nowMs: number): Promise<void> {
  store.purge();
  const nextEndMs = store.nextEndMs();
  if (nextEndMs === undefined) return;
  await alarms.setAlarm(Math.max(nextEndMs, nowMs + MIN_PURGE_INTERVAL_MS));
}
