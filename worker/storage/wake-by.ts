/** An object has one alarm for everything in it that expires, so it is never moved to a later time. */

export type Alarms = Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;

export async function wakeBy(alarms: Alarms, atMs: number): Promise<void> {
  const planned = await alarms.getAlarm();
  if (planned === null || planned > atMs) await alarms.setAlarm(atMs);
}
