/** The inventory as one frame within its bounds. Pure. */
import type { AnnouncedInstance, Inventory, SkippedSocket } from "#shared/link/inventory.ts";
import { MAX_INVENTORY_BYTES } from "#shared/link/limits.ts";
import type { Config } from "../config.ts";
import { printedBytes } from "../printed-bytes.ts";

/**
 * Record lists are left out, the longest first, until the frame fits. An instance without a list may
 * have any record, so a call is tried there instead of being refused.
 */
export function toInventory(
  instances: readonly AnnouncedInstance[],
  skipped: readonly SkippedSocket[],
  confirmWrites: Config["confirmWrites"],
): Inventory {
  const frame = (kept: readonly AnnouncedInstance[]): Inventory => ({
    t: "inventory",
    confirm_writes: confirmWrites,
    instances: [...kept],
    skipped: [...skipped],
  });
  const excess = printedBytes(frame(instances)) - MAX_INVENTORY_BYTES;
  const dropped = longestUntil(excess, instances);
  return frame(
    instances.map((instance) => (dropped.has(instance) ? withoutList(instance) : instance)),
  );
}

/** The instances with the longest lists, as many as save `excess` bytes. */
function longestUntil(
  excess: number,
  instances: readonly AnnouncedInstance[],
): ReadonlySet<AnnouncedInstance> {
  const dropped = new Set<AnnouncedInstance>();
  if (excess <= 0) return dropped;
  const lists = instances.map((instance) => ({
    instance,
    bytes: printedBytes(instance.records ?? []),
  }));
  lists.sort((a, b) => b.bytes - a.bytes);
  let left = excess;
  for (const { instance, bytes } of lists) {
    if (left <= 0) break;
    dropped.add(instance);
    left -= bytes;
  }
  return dropped;
}

function withoutList({ records: _left, ...rest }: AnnouncedInstance): AnnouncedInstance {
  return rest;
}
