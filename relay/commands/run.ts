/** `aimdb-relay run`: serve the worker until told to stop. */
import { errorText } from "#shared/text/error-text.ts";
import { REQUEST_TIMEOUT_MS } from "#shared/aimx/limits.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config-file.ts";
import type { Config } from "../config.ts";
import { OwnerDesk } from "../control/owner-desk.ts";
import { RecentProblems } from "../control/recent-problems.ts";
import { runsAlready } from "../control/runs-already.ts";
import { openDevice, type Device } from "../device.ts";
import { credentialsFolder, stateFolder, type Environment } from "../environment.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { Continuity } from "../identity/continuity.ts";
import { readIdentity, type Identity } from "../identity/identity.ts";
import { readKey, type RelayKey } from "../identity/key.ts";
import { requireKnownState } from "../identity/state-version.ts";
import { createDialToken } from "../identity/tokens.ts";
import { countedDial } from "../link/counted-dial.ts";
import { dialWith } from "../link/dial.ts";
import { toInventory } from "../link/inventory.ts";
import { LastKnownTeller } from "../link/last-known.ts";
import { LinkClient, type LinkClientOptions, type LinkEnd } from "../link/link-client.ts";
import { mayPass } from "../needs-operator.ts";
import { LinkBudget } from "../traffic/link-budget.ts";
import { KeptTraffic } from "../traffic/kept-traffic.ts";
import { openRelaySpans } from "../trace/relay-spans.ts";
import type { ServedSpans } from "../trace/served-spans.ts";
import { RELAY_VERSION } from "../version.ts";

/** A count that is only shown may lose more in a crash than one that enforces a budget. */
const STORED_EACH_MINUTES = { shown: 15, budget: 1 };

export async function run(
  configPath: string | undefined,
  environment: Environment,
): Promise<ExitCode> {
  const loaded = await loadConfig(configPath, environment);
  if (!loaded.ok) {
    environment.printError(`${loaded.error}\n`);
    return EXIT.needsOperator;
  }
  const enrollment = await readEnrollment(environment);
  if (!enrollment.ok) {
    environment.printError(`${enrollment.error}\n`);
    return EXIT.needsOperator;
  }
  const already = await runsAlready(environment);
  if (already !== undefined) {
    environment.printError(`${already}\n`);
    return EXIT.failed;
  }
  const { identity, key } = enrollment.value;
  const { config } = loaded.value;
  const net = { caFile: config.caFile };
  const spans = openRelaySpans({ relay: identity.relay, environment, clock: systemClock, net });
  if (!spans.ok) {
    environment.printError(`${spans.error}\n`);
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
    { config, identity, key, problems, spans: spans.value },
    { ...environment, log: problems },
  );
  if (end.why === "asked") return EXIT.ok;
  environment.log.error("relay_refused", { advice: end.advice });
  return EXIT.needsOperator;
}

/** The error is for the operator: files that are missing, damaged or open to others stay so until somebody acts. */
async function readEnrollment(
  environment: Environment,
): Promise<Result<{ identity: Identity; key: RelayKey }, string>> {
  const folder = stateFolder(environment);
  try {
    await requireKnownState(folder);
    const identity = await readIdentity(folder);
    const key = await readKey(folder, credentialsFolder(environment));
    if (identity !== undefined && key !== undefined) return ok({ identity, key });
    return err("This device is not enrolled. Run: aimdb-relay enroll URL");
  } catch (error) {
    if (mayPass(error)) throw error;
    return err(errorText(error));
  }
}

interface Enrolled {
  readonly config: Config;
  readonly identity: Identity;
  /** The key that it started with; `rotate` may have replaced it since. */
  readonly key: RelayKey;
  readonly problems: RecentProblems;
  readonly spans: ServedSpans | undefined;
}

async function serveUntilStopped(enrolled: Enrolled, environment: Environment): Promise<LinkEnd> {
  const { stop } = environment;
  const continuity = new Continuity({
    folder: stateFolder(environment),
    relayId: enrolled.identity.relay_id,
    log: environment.log,
  });
  const { traffic, budget } = await openTraffic(enrolled.config, environment);
  const device = await openDevice(enrolled.config, environment, {
    serves: "link",
    onChange: () => link.inventoryChanged(),
    spans: enrolled.spans,
  });
  const link = createLink(enrolled, device, {
    log: environment.log,
    onChange: () => desk.linkChanged(),
    currentKey: () => keyInForce(enrolled.key, environment),
    continuity,
    traffic,
    budget,
  });
  const desk = new OwnerDesk({
    ...enrolled,
    ...device,
    link,
    continuity,
    traffic,
    budget,
    environment,
    metricsListen: enrolled.config.metricsListen,
    clock: systemClock,
  });
  await desk.open();
  await device.start();
  traffic.start();
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
  await continuity.settled();
  await traffic.close();
  await device.close(REQUEST_TIMEOUT_MS);
  await desk.close();
  return end;
}

async function openTraffic(
  { linkBudget: limits }: Config,
  environment: Environment,
): Promise<{ readonly traffic: KeptTraffic; readonly budget: LinkBudget | undefined }> {
  const { log } = environment;
  const isMetered = limits.hour !== undefined || limits.month !== undefined;
  const traffic = await KeptTraffic.open({
    folder: stateFolder(environment),
    clock: systemClock,
    log,
    storedEachMinutes: isMetered ? STORED_EACH_MINUTES.budget : STORED_EACH_MINUTES.shown,
    onMinute: () => budget?.look(),
  });
  const budget = isMetered
    ? new LinkBudget({ limits, traffic: () => traffic.now(), clock: systemClock, log })
    : undefined;
  return { traffic, budget };
}

/** Read at each dial, since `rotate` may have run. A file that cannot be read leaves the relay the key it started with. */
async function keyInForce(startedWith: RelayKey, environment: Environment): Promise<RelayKey> {
  const folder = stateFolder(environment);
  const found = await readKey(folder, credentialsFolder(environment)).catch(() => undefined);
  return found ?? startedWith;
}

interface LinkNeeds extends Required<Pick<LinkClientOptions, "log" | "onChange">> {
  readonly currentKey: () => Promise<RelayKey>;
  readonly continuity: Continuity;
  readonly traffic: KeptTraffic;
  readonly budget: LinkBudget | undefined;
}

function createLink(
  { config, identity }: Enrolled,
  { instances, server, journal, counts }: Device,
  { log, onChange, currentKey, continuity, traffic, budget }: LinkNeeds,
): LinkClient {
  return new LinkClient({
    url: new URL(identity.link_url),
    dial: countedDial(dialWith({ caFile: config.caFile }), counts, traffic.counts),
    createToken: async (nowMs) =>
      createDialToken(identity, await currentKey(), { nowMs, cont: await continuity.shown() }),
    keepContinuity: (value) => continuity.keep(value),
    server,
    inventory: () => {
      const announced = instances.announce();
      return toInventory(announced.instances, announced.skipped, config.confirmWrites);
    },
    lastKnown: new LastKnownTeller({
      read: () => instances.lastReadings(),
      intervalMs: config.lastKnownIntervalMs,
      clock: systemClock,
    }),
    budget,
    relayVersion: RELAY_VERSION,
    journalId: () => journal.id,
    clock: systemClock,
    random: Math.random,
    log,
    onChange,
  });
}
