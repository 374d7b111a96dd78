/** Deletes what has expired: by an alarm, at most an hour after the last write, and not more often. */
import { wakeBy, type Alarms } from "../../storage/wake-by.ts";
import type { EntryStore } from "./entry-store.ts";

const MIN_PURGE_INTERVAL_MS = 3_600_000;

/** Called after a write. */
export async function planPurge(alarms: Alarms, nowMs: number): Promise<void> {
  await wakeBy(alarms, nowMs + MIN_PURGE_INTERVAL_MS);
}

/** Called in the alarm. */
export async function purge(store: EntryStore, alarms: Alarms, nowMs: number): Promise<void> {
  store.purge();
  const nextEndMs = store.nextEndMs();
  if (nextEndMs === undefined) return;
  await wakeBy(alarms, Math.max(nextEndMs, nowMs + MIN_PURGE_INTERVAL_MS));
}
