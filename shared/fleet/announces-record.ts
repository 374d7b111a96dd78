/** Whether an instance has a record, by what its relay announced. */
import type { InstanceRow } from "./fleet.ts";
import type { AnnouncedInstance } from "../link/inventory.ts";
import { MAX_KEY_LENGTH } from "../link/limits.ts";
import { nearestRecords } from "../text/nearest.ts";

type Announces = Pick<InstanceRow, "nearestRecords"> & { readonly hasRecord: boolean | null };

/** Null if the record list did not fit into the inventory, or no record was asked about. */
export function announcesRecord(
  records: AnnouncedInstance["records"],
  record: string | undefined,
): Announces {
  if (record === undefined || records === undefined) return { hasRecord: null };
  const hasRecord = records.some(({ key, type_name }) => key === record || type_name === record);
  if (hasRecord) return { hasRecord };
  const nameable = records.filter(({ key }) => key.length <= MAX_KEY_LENGTH);
  return { hasRecord, nearestRecords: nearestRecords(record, nameable) };
}
