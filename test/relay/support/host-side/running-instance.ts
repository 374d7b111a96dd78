/** An instance on its own, stopped when the test is over. */
import { onTestFinished } from "vitest";
import type { Config } from "../../../../relay/config.ts";
import { RelayCounts } from "../../../../relay/control/relay-counts.ts";
import { connectHost } from "../../../../relay/instances/host/connect.ts";
import { Instance, type InstanceOptions } from "../../../../relay/instances/instance.ts";
import { MemoryJournal } from "../../../../relay/journal/memory-journal.ts";
import { SampleStore } from "../../../../relay/store/sample-store.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { configOf } from "./builders.ts";
import { CollectingLog } from "../collecting-log.ts";
import { until } from "../until.ts";

export const OURS: ReadonlySet<number> = new Set([process.getuid?.() ?? 0]);

/** What all instances of a relay share. */
export function sharedOptions(config: Partial<Config> = {}) {
  return {
    config: configOf(config),
    owners: OURS,
    clock: new ManualClock(),
    random: () => 0.5,
    connect: connectHost,
    store: new SampleStore({ limitBytes: 1_000_000, processEpoch: "p" }),
    journal: new MemoryJournal(),
    counts: new RelayCounts(),
    log: new CollectingLog(),
  };
}

export interface RunningInstance {
  readonly instance: Instance;
  readonly clock: ManualClock;
  readonly log: CollectingLog;
  readonly seen: { changes: number };
  readonly isUp: () => boolean;
}

/** Started, and settled unless the host hangs. */
export async function runInstance(
  { socketPath }: { readonly socketPath: string },
  more: Partial<InstanceOptions> & { readonly settles?: boolean } = {},
): Promise<RunningInstance> {
  const shared = sharedOptions();
  const seen = { changes: 0 };
  const { settles = true, ...options } = more;
  const instance = new Instance({
    ...shared,
    name: "boiler",
    socketPath,
    onChange: () => {
      seen.changes += 1;
    },
    ...options,
  });
  onTestFinished(() => instance.stop());
  instance.start();
  if (settles) await instance.settled;
  const isUp = () => instance.announce().state === "up";
  return { instance, clock: shared.clock, log: shared.log, seen, isUp };
}

export function reasonOf({ instance }: RunningInstance): string | undefined {
  return instance.announce().reason;
}

/** Lets the host's end be noticed. */
export async function untilDown(running: RunningInstance): Promise<void> {
  await until("the instance is down", () => !running.isUp());
}
