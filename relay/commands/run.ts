/** `aimdb-relay run`: serve the worker until told to stop. */
import { randomBytes } from "node:crypto";
import { openAuditLog } from "../access/audit-log.ts";
import { RateLimit } from "../access/rate-limit.ts";
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config-file.ts";
import type { Config } from "../config.ts";
import { credentialsFolder, stateFolder, type Environment } from "../environment.ts";
import { OwnerDesk } from "../control/owner-desk.ts";
import { RecentProblems } from "../control/recent-problems.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readIdentity, type Identity } from "../identity/identity.ts";
import { readKey, type RelayKey } from "../identity/key.ts";
import { readNames, writeNames } from "../identity/names-file.ts";
import { createDialToken } from "../identity/tokens.ts";
import { connectHost } from "../instances/connect.ts";
import { InstanceSet } from "../instances/instance-set.ts";
import { dialWith } from "../link/dial.ts";
import { toInventory } from "../link/inventory.ts";
import { LinkClient, type LinkEnd } from "../link/link-client.ts";
import { Server } from "../link/serve.ts";
import { trustedOwners } from "../owners.ts";
import { SampleStore, STORE_LIMIT_BYTES } from "../store/sample-store.ts";
import { RELAY_VERSION } from "../version.ts";

export async function run(
  configPath: string | undefined,
  environment: Environment,
): Promise<ExitCode> {
  const loaded = await loadConfig(configPath, environment);
  if (!loaded.ok) {
    environment.printError(`${loaded.error}\n`);
    return EXIT.needsOperator;
  }
  const folder = stateFolder(environment);
  const identity = await readIdentity(folder);
  const key = await readKey(folder, credentialsFolder(environment));
  if (identity === undefined || key === undefined) {
    environment.printError("This device is not enrolled. Run: aimdb-relay enroll URL\n");
    return EXIT.needsOperator;
  }
  environment.log.info("relay_start", {
    version: RELAY_VERSION,
    relay: identity.relay,
    team: identity.team.name,
    config: loaded.value.path,
  });
  const problems = new RecentProblems(environment.log, systemClock);
  const end = await serveUntilStopped(
    { config: loaded.value.config, identity, key, problems },
    { ...environment, log: problems },
  );
  if (end.why === "asked") return EXIT.ok;
  environment.log.error("relay_refused", { advice: end.advice });
  return EXIT.needsOperator;
}

interface Enrolled {
  readonly config: Config;
  readonly identity: Identity;
  readonly key: RelayKey;
  readonly problems: RecentProblems;
}

async function serveUntilStopped(enrolled: Enrolled, environment: Environment): Promise<LinkEnd> {
  const { config } = enrolled;
  const { log, stop } = environment;
  const audit = config.auditLog === undefined ? undefined : await openAuditLog(config.auditLog);
  const store = createStore();
  const instances = await createInstances(enrolled, environment, {
    store,
    onChange: () => link.inventoryChanged(),
  });
  const server = new Server({
    find: (name) => instances.find(name),
    clock: systemClock,
    rateLimit: createRateLimit(config),
    audit,
    log,
  });
  const link = createLink(enrolled, {
    instances,
    server,
    environment,
    onChange: () => desk.linkChanged(),
  });
  const desk = new OwnerDesk({
    ...enrolled,
    link,
    instances,
    store,
    environment,
    clock: systemClock,
  });
  await desk.open();
  await instances.start();
  link.start();
  desk.ready();
  const onStop = () => {
    desk.stopping();
    link.stop();
  };
  stop.addEventListener("abort", onStop, { once: true });
  const unlisten = environment.onHangup(() => link.dialNow());
  if (stop.aborted) onStop();
  const end = await link.ended;
  unlisten();
  instances.stop();
  await desk.close();
  await audit?.close();
  return end;
}

function createRateLimit({ rateLimitPerMinute }: Config): RateLimit | undefined {
  if (rateLimitPerMinute === 0) return undefined;
  return new RateLimit(rateLimitPerMinute, systemClock.monotonicMs());
}

function createStore(): SampleStore {
  return new SampleStore({
    limitBytes: STORE_LIMIT_BYTES,
    processEpoch: randomBytes(6).toString("hex"),
  });
}

async function createInstances(
  { config }: Enrolled,
  environment: Environment,
  { store, onChange }: { store: SampleStore; onChange: () => void },
): Promise<InstanceSet> {
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

function createLink(
  { config, identity, key }: Enrolled,
  {
    instances,
    server,
    environment,
    onChange,
  }: {
    instances: InstanceSet;
    server: Server;
    environment: Environment;
    onChange: () => void;
  },
): LinkClient {
  return new LinkClient({
    url: new URL(identity.link_url),
    dial: dialWith({ caFile: config.caFile }),
    createToken: (workerNowMs) => createDialToken(identity, key, workerNowMs),
    server,
    inventory: () => {
      const announced = instances.announce();
      return toInventory(announced.instances, announced.skipped, config.confirmWrites);
    },
    relayVersion: RELAY_VERSION,
    clock: systemClock,
    random: Math.random,
    log: environment.log,
    onChange,
  });
}
