/** The newest observed sample of each record of an instance, whether it is up or not. */
import type { Loss } from "#shared/link/sample.ts";
import type { StoredSample } from "../../store/stored-sample.ts";
import type { CatalogView } from "../catalog.ts";
import type { InstanceContext } from "../context.ts";

export interface LastReading {
  readonly recordKey: string;
  readonly loss: Loss;
  readonly sample: StoredSample;
}

/** Only records that the device file shows: the catalog has no others. */
export function lastReadings(
  { store, storeKey }: InstanceContext,
  { rows }: CatalogView,
  loss: Loss,
): LastReading[] {
  return rows.flatMap(({ record_key: recordKey }) => {
    const sample = store.latest(storeKey(recordKey));
    return sample === undefined ? [] : [{ recordKey, loss, sample }];
  });
}
