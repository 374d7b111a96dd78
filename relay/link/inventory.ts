/** The inventory as one frame within its bounds. Pure. */
import type { AnnouncedInstance, Inventory, SkippedSocket } from "#shared/link/inventory.ts";
import { MAX_INVENTORY_BYTES } from "#shared/link/limits.ts";
import type { Config } from "../config.ts";

/**
 * Record lists are left out, the longest first, until the frame fits. An instance without a list may
 * have any record, so a call is tried there instead of being refused.
 */
export function toInventory(
  instances: readonly AnnouncedInstance[],
  skipped: readonly SkippedSocket[],
  confirmWrites: Config["confirmWrites"],
): Inventory {
  const kept = [...instances];
  const frame = (): Inventory => ({
    t: "inventory",
    confirm_writes: confirmWrites,
    instances: kept,
    skipped: [...skipped],
  });
  while (JSON.stringify(frame()).length > MAX_INVENTORY_BYTES) {
    const longest = indexOfLongest(kept);
    const instance = kept[longest];
    if (instance?.records === undefined) break;
    const { records: _left, ...rest } = instance;
    kept[longest] = rest;
  }
  return frame();
}

function indexOfLongest(instances: readonly AnnouncedInstance[]): number {
  const lengths = instances.map(({ records }) => records?.length ?? -1);
  return lengths.indexOf(Math.max(...lengths));
}
