import type { Dialect } from "#shared/aimx/dialect.ts";
import type { RecordRow } from "#shared/aimx/record-row.ts";

/**
 * A ring of an AimX 2 or 3 host is not read: a `get` would move its drain cursor, and return what came since the last
 * one.
 */
export function isOnlyObserved(
  { buffer_type }: Pick<RecordRow, "buffer_type">,
  { sendsCurrentValue }: Pick<Dialect, "sendsCurrentValue">,
): boolean {
  return buffer_type === "spmc_ring" && sendsCurrentValue;
}
