/** The writes of a device with the given instances, nothing on disk. */
import type { Config } from "../../../../relay/config.ts";
import type { Clock } from "../../../../relay/clock.ts";
import { AuditTrail } from "../../../../relay/access/audit-trail.ts";
import type { Instance } from "../../../../relay/instances/instance.ts";
import { MemoryJournal } from "../../../../relay/journal/memory-journal.ts";
import { DeviceWrites, type DeviceWritesOptions } from "../../../../relay/writes/device-writes.ts";
import { CollectingLog } from "../collecting-log.ts";
import { configOf } from "../host-side/builders.ts";

export function deviceWritesOf(
  find: (instance: string) => Instance | undefined,
  clock: Clock,
  {
    config = {},
    ...more
  }: Partial<Omit<DeviceWritesOptions, "config">> & {
    readonly config?: Partial<Config>;
  } = {},
): DeviceWrites {
  return new DeviceWrites({
    config: configOf(config),
    journal: new MemoryJournal(),
    trail: new AuditTrail({ audit: undefined, clock, log: new CollectingLog() }),
    clock,
    find,
    holds: "local_only",
    ...more,
  });
}
