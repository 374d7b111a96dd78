/** What the operations on one instance share. */
import type { Config } from "../config.ts";
import type { Clock } from "../clock.ts";
import type { RelayCounts } from "../control/relay-counts.ts";
import type { Journal } from "../journal/journal.ts";
import type { SampleStore } from "../store/sample-store.ts";
import type { Catalog } from "./catalog.ts";
import type { Observer } from "./observing/observer.ts";

export interface InstanceContext {
  readonly name: string;
  readonly config: Config;
  readonly clock: Clock;
  readonly store: SampleStore;
  readonly catalog: Catalog;
  readonly observer: Observer;
  readonly journal: Journal;
  readonly counts: Pick<RelayCounts, "noteCache">;
  /** A record's name in the store. */
  readonly storeKey: (record: string) => string;
}
