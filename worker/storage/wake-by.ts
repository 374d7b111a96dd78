/** An object has one alarm, which looks after all that has an end in it: so it is never moved to later. */

export type Alarms = Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;

export async function wakeBy(alarms: Alarms, atMs: number): Promise<void> {
  const planned = await alarms.getAlarm();
  if (planned === null || planned > atMs) await alarms.setAlarm(atMs);
}
