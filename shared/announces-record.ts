/** Whether an instance has a record, by what its relay announced. */
import type { AnnouncedInstance } from "./link/inventory.ts";

/** Null if the record list did not fit into the inventory, or no record was asked about. */
export function announcesRecord(
  records: AnnouncedInstance["records"],
  record: string | undefined,
): boolean | null {
  if (record === undefined || records === undefined) return null;
  return records.some(({ key, type_name }) => key === record || type_name === record);
}
