/**
 * What serves this machine's instances within the device file's bounds, the same for a worker over the link and for a
 * client over stdio.
 */
import { randomBytes } from "node:crypto";
import { openAuditLog } from "./access/audit-log.ts";
import { AuditTrail } from "./access/audit-trail.ts";
import { RateLimit } from "#shared/access/rate-limit.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { RelayCounts } from "./control/relay-counts.ts";
import { stateFolder, type Environment } from "./environment.ts";
import { readNames, writeNames } from "./identity/names-file.ts";
import { connectHost } from "./instances/host/connect.ts";
import { InstanceSet, type InstanceSetOptions } from "./instances/instance-set.ts";
import { FileJournal } from "./journal/file-journal.ts";
import type { OpenWrite } from "./journal/journal-file.ts";
import type { Journal } from "./journal/journal.ts";
import { settleLeftWrites } from "./journal/left-writes.ts";
import { MemoryJournal } from "./journal/memory-journal.ts";
import { Server } from "./link/serve.ts";
import type { ServedSpans } from "./trace/served-spans.ts";
import { trustedOwners } from "./owners.ts";
import { SampleStore, STORE_LIMIT_BYTES } from "./store/sample-store.ts";
import { DeviceWrites } from "./writes/device-writes.ts";

export interface Device {
  readonly instances: InstanceSet;
  readonly server: Server;
  readonly writes: DeviceWrites;
  readonly journal: Journal;
  readonly store: SampleStore;
  readonly counts: RelayCounts;
  /** No socket is looked at before this. Also waits until what an earlier process left is settled. */
  start(): Promise<void>;
  /** Waits this long for writes that the host has: how they end is kept. */
  close(waitMs: number): Promise<void>;
}

/** A write whose connection was closed ends at once; its end has to reach the disk. */
const CUT_OFF_MS = 1_000;

export interface DeviceOptions {
  /**
   * `link`: writes are remembered on disk, since the worker asks for them later, and only what must be approved here is
   * held. `stdio`: nothing outlives the process.
   */
  readonly serves: "link" | "stdio";
  /** Called when what the instances announce may have changed. */
  readonly onChange: () => void;
  readonly spans?: ServedSpans | undefined;
}

export async function openDevice(
  config: Config,
  environment: Environment,
  { serves, onChange, spans }: DeviceOptions,
): Promise<Device> {
  const { log } = environment;
  const audit = config.auditLog === undefined ? undefined : await openAuditLog(config.auditLog);
  const store = new SampleStore({
    limitBytes: STORE_LIMIT_BYTES,
    processEpoch: randomBytes(6).toString("hex"),
  });
  const { journal, left, close } = await openJournal(serves, environment);
  const counts = new RelayCounts();
  const shared = { store, journal, counts, onChange };
  const instances = await createInstances(config, environment, shared);
  const find = (name: string) => instances.find(name);
  const holds = serves === "link" ? "local_only" : "all";
  const trail = new AuditTrail({ audit, clock: systemClock, log });
  const writes = new DeviceWrites({ config, journal, trail, clock: systemClock, find, holds });
  const server = new Server({
    find,
    writes,
    clock: systemClock,
    rateLimit: createRateLimit(config),
    trail,
    log,
    counts,
    spans,
  });
  return {
    instances,
    server,
    writes,
    journal,
    store,
    counts,
    start: async () => {
      await instances.start();
      await settleLeftWrites(left, { journal, find });
    },
    close: async (waitMs) => {
      writes.close();
      await writes.settled(waitMs);
      instances.stop();
      await writes.settled(CUT_OFF_MS);
      await close();
      await audit?.close();
    },
  };
}

interface OpenedJournal {
  readonly journal: Journal;
  readonly left: readonly OpenWrite[];
  readonly close: () => Promise<void>;
}

async function openJournal(
  serves: DeviceOptions["serves"],
  environment: Environment,
): Promise<OpenedJournal> {
  if (serves === "stdio") return { journal: new MemoryJournal(), left: [], close: async () => {} };
  const { log } = environment;
  const folder = stateFolder(environment);
  const { journal, left } = await FileJournal.open({ folder, clock: systemClock, log });
  return { journal, left, close: () => journal.close() };
}

function createRateLimit({ rateLimitPerMinute }: Config): RateLimit | undefined {
  if (rateLimitPerMinute === 0) return undefined;
  return new RateLimit(rateLimitPerMinute, systemClock.monotonicMs());
}

async function createInstances(
  config: Config,
  environment: Environment,
  shared: Pick<InstanceSetOptions, "store" | "journal" | "counts" | "onChange">,
): Promise<InstanceSet> {
  const folder = stateFolder(environment);
  return new InstanceSet({
    config,
    owners: trustedOwners(config, environment.userId),
    clock: systemClock,
    random: Math.random,
    connect: connectHost,
    log: environment.log,
    names: await readNames(folder, environment.log),
    saveNames: (names) => writeNames(folder, names),
    ...shared,
  });
}
