/**
 * What serves this machine's instances within the device file's bounds, the same whoever asks: a
 * worker over the link, or a client over stdio.
 */
import { randomBytes } from "node:crypto";
import { openAuditLog } from "./access/audit-log.ts";
import { RateLimit } from "./access/rate-limit.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { stateFolder, type Environment } from "./environment.ts";
import { readNames, writeNames } from "./identity/names-file.ts";
import { connectHost } from "./instances/connect.ts";
import { InstanceSet } from "./instances/instance-set.ts";
import { Server } from "./link/serve.ts";
import { trustedOwners } from "./owners.ts";
import { SampleStore, STORE_LIMIT_BYTES } from "./store/sample-store.ts";

export interface Device {
  /** To be started: until then no socket is looked at. */
  readonly instances: InstanceSet;
  readonly server: Server;
  readonly store: SampleStore;
  close(): Promise<void>;
}

/** `onChange` is told when what the instances announce may have changed. */
export async function openDevice(
  config: Config,
  environment: Environment,
  onChange: () => void,
): Promise<Device> {
  const { log } = environment;
  const audit = config.auditLog === undefined ? undefined : await openAuditLog(config.auditLog);
  const store = new SampleStore({
    limitBytes: STORE_LIMIT_BYTES,
    processEpoch: randomBytes(6).toString("hex"),
  });
  const instances = await createInstances({ config, environment, store, onChange });
  const server = new Server({
    find: (name) => instances.find(name),
    clock: systemClock,
    rateLimit: createRateLimit(config),
    audit,
    log,
  });
  return {
    instances,
    server,
    store,
    close: async () => {
      instances.stop();
      await audit?.close();
    },
  };
}

function createRateLimit({ rateLimitPerMinute }: Config): RateLimit | undefined {
  if (rateLimitPerMinute === 0) return undefined;
  return new RateLimit(rateLimitPerMinute, systemClock.monotonicMs());
}

async function createInstances({
  config,
  environment,
  store,
  onChange,
}: {
  config: Config;
  environment: Environment;
  store: SampleStore;
  onChange: () => void;
}): Promise<InstanceSet> {
  const folder = stateFolder(environment);
  return new InstanceSet({
    config,
    owners: trustedOwners(config, environment.userId),
    clock: systemClock,
    random: Math.random,
    connect: connectHost,
    store,
    log: environment.log,
    names: await readNames(folder),
    saveNames: (names) => writeNames(folder, names),
    onChange,
  });
}
