/** The parts of an instance without its reconnecting: a host, two connections to it, and what they share. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import type { Config } from "../../../../relay/config.ts";
import { RelayCounts } from "../../../../relay/control/relay-counts.ts";
import { Catalog, type CatalogView } from "../../../../relay/instances/catalog.ts";
import type { InstanceContext } from "../../../../relay/instances/context.ts";
import type { HostConnection } from "../../../../relay/instances/host/host-connection.ts";
import { Observer } from "../../../../relay/instances/observing/observer.ts";
import { MemoryJournal } from "../../../../relay/journal/memory-journal.ts";
import { SampleStore } from "../../../../relay/store/sample-store.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { configOf } from "./builders.ts";
import { openConnection } from "./open-connection.ts";

const FOREVER_MS = 1e9;

export interface TestContext extends InstanceContext {
  readonly counts: RelayCounts;
  readonly clock: ManualClock;
}

export function contextOf(config: Partial<Config> = {}, clock = new ManualClock()): TestContext {
  const store = new SampleStore({ limitBytes: 1_000_000, processEpoch: "p" });
  const storeKey = (record: string) => `boiler/${record}`;
  const counts = new RelayCounts();
  const catalog = new Catalog({
    clock,
    hiddenRecords: config.hiddenRecords ?? [],
    timeoutMs: FOREVER_MS,
    counts,
  });
  const observer = new Observer({ store, clock, timeoutMs: FOREVER_MS, storeKey });
  const journal = new MemoryJournal();
  return {
    name: "boiler",
    config: configOf(config),
    clock,
    store,
    catalog,
    observer,
    journal,
    counts,
    storeKey,
  };
}

export interface WatchedHost {
  readonly context: TestContext;
  readonly calls: HostConnection;
  readonly stream: HostConnection;
  readonly view: CatalogView;
  readonly row: (key: string) => RecordRow;
  /** The values kept of a record, oldest first. */
  readonly values: (key: string) => unknown[];
}

/** Both connections made, and the standing subscriptions with them. */
export async function watchHost(
  { socketPath }: { readonly socketPath: string },
  context = contextOf(),
): Promise<WatchedHost> {
  const calls = await openConnection(socketPath, context.clock);
  const stream = await openConnection(socketPath, context.clock);
  const view = await context.catalog.view(calls);
  if (!view.ok) throw new Error("The host did not tell its records");
  const { rows } = view.value;
  await context.observer.attach(stream, rows);
  return {
    context,
    calls,
    stream,
    view: view.value,
    row: (key) => {
      const row = rows.find(({ record_key }) => record_key === key);
      if (row === undefined) throw new Error(`No record ${key}`);
      return row;
    },
    values: (key) => samplesOf(context, key).map(({ value }) => value),
  };
}

/** Everything kept of a record, oldest first. */
export function samplesOf({ store, storeKey }: InstanceContext, record: string) {
  const bounds = { maxBytes: 1e9, maxSamples: 1e9, untilMs: Number.POSITIVE_INFINITY };
  return store.read(storeKey(record), { epoch: "p.0", sequence: 0 }, bounds).samples;
}
