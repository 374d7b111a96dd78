/** `aimdb-relay run`: serve the worker until told to stop. */
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config-file.ts";
import type { Config } from "../config.ts";
import { openDevice, type Device } from "../device.ts";
import { stateFolder, type Environment } from "../environment.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readIdentity, type Identity } from "../identity/identity.ts";
import { readKey, type RelayKey } from "../identity/key.ts";
import { createDialToken } from "../identity/tokens.ts";
import { dialWith } from "../link/dial.ts";
import { toInventory } from "../link/inventory.ts";
import { LastKnownTeller } from "../link/last-known.ts";
import { LinkClient, type LinkEnd } from "../link/link-client.ts";
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
  const key = await readKey(folder);
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
  const end = await serveUntilStopped({ config: loaded.value.config, identity, key }, environment);
  if (end.why === "asked") return EXIT.ok;
  environment.log.error("relay_refused", { advice: end.advice });
  return EXIT.needsOperator;
}

interface Enrolled {
  readonly config: Config;
  readonly identity: Identity;
  readonly key: RelayKey;
}

async function serveUntilStopped(enrolled: Enrolled, environment: Environment): Promise<LinkEnd> {
  const { stop } = environment;
  const device = await openDevice(enrolled.config, environment, () => link.inventoryChanged());
  const link = createLink(enrolled, device, environment);
  await device.instances.start();
  link.start();
  stop.addEventListener("abort", () => link.stop(), { once: true });
  if (stop.aborted) link.stop();
  const end = await link.ended;
  await device.close();
  return end;
}

function createLink(
  { config, identity, key }: Enrolled,
  { instances, server }: Device,
  { log }: Environment,
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
    lastKnown: new LastKnownTeller({
      read: () => instances.lastReadings(),
      intervalMs: config.lastKnownIntervalMs,
      clock: systemClock,
    }),
    relayVersion: RELAY_VERSION,
    clock: systemClock,
    random: Math.random,
    log,
  });
}
