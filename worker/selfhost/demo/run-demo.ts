/** Starts every part of the demo; settles once a client could use it. */
import { resolve } from "node:path";
import { chooseAddresses } from "../settings/addresses.ts";
import { createAdminToken, hashToken, openInstall } from "../settings/install.ts";
import type { DemoOptions } from "../settings/options.ts";
import { tell } from "../output.ts";
import { createOwnerLink } from "../owner-link.ts";
import type { Program } from "../process/supervise.ts";
import { waitFor } from "../process/wait-for.ts";
import { startWorker } from "../process/worker-process.ts";
import { readWorkerSettings } from "../settings/worker-settings.ts";
import type { DemoFolder } from "./demo-folder.ts";
import { startHosts } from "./hosts.ts";
import type { Parts } from "./parts.ts";
import { createRelay, enrollRelay, writeRelayConfig } from "./relay.ts";
import {
  createToken,
  discoverInstances,
  openWrites,
  type DiscoveredInstance,
} from "./worker-client.ts";

const HOST = "127.0.0.1";
const INSTANCES_TIMEOUT_MS = 20_000;

export interface Demo {
  readonly mcpUrl: URL;
  readonly tokenMcpUrl: URL;
  readonly dashboardUrl: URL;
  readonly accessToken: string;
  readonly adminToken: string;
  /** Undefined if the kept state already has an owner. */
  readonly ownerUrl: string | undefined;
  readonly instances: readonly DiscoveredInstance[];
  readonly worker: Program;
  readonly relay: Program;
  readonly hosts: readonly Program[];
  readonly confirmWrites: boolean;
}

export async function startDemo(
  options: DemoOptions,
  folder: DemoFolder,
  parts: Parts,
): Promise<Demo> {
  const adminToken = createAdminToken();
  const sockets = options.sockets.map((socket) => resolve(socket));
  const hosts = await startHosts(sockets, folder, { parts, onRestart: tell });
  const { worker, addresses } = await startDemoWorker(options, folder, adminToken);
  await parts.add(worker);

  const api = (path: string) => new URL(path, addresses.publicUrl);
  await writeRelayConfig(folder, { ...options, sockets: hosts.sockets });
  if (!options.confirmWrites) await openWrites(api("/api/v1/write-policy"), adminToken);
  const joinToken = await createToken(api("/api/v1/join-tokens"), adminToken, {});
  await enrollRelay(folder, addresses.publicUrl, joinToken);
  const relay = createRelay(folder, tell);
  await relay.start();
  await parts.add(relay);

  const mcpUrl = api("/mcp");
  const scopes = ["aimdb:read", "aimdb:write"];
  const accessToken = await createToken(api("/api/v1/access-tokens"), adminToken, {
    label: "demo",
    scopes,
  });
  return {
    mcpUrl,
    tokenMcpUrl: new URL("/mcp", addresses.tokenUrl),
    dashboardUrl: api("/"),
    accessToken,
    adminToken,
    ownerUrl: await createOwnerLink(addresses, adminToken),
    instances: await instancesUp(mcpUrl, accessToken, hosts.sockets),
    worker,
    relay,
    hosts: hosts.programs,
    confirmWrites: options.confirmWrites,
  };
}

/** The admin token is made anew each time, because only its hash could be kept. */
async function startDemoWorker(
  { port, inspectorPort }: DemoOptions,
  folder: DemoFolder,
  adminToken: string,
) {
  const settings = await readWorkerSettings();
  const classNames = settings.durable_objects.bindings.map(({ class_name }) => class_name);
  const { install } = await openInstall(folder.workerState, classNames);
  const addresses = await chooseAddresses({
    host: HOST,
    port,
    tokenPort: 0,
    publicUrl: undefined,
  });
  const worker = await startWorker({
    ...addresses,
    stateFolder: folder.workerState,
    settings,
    uniqueKeys: install.unique_keys,
    adminTokenSha256: hashToken(adminToken),
    metricsTokenSha256: undefined,
    // No limit, like the device's own: there is nobody here to be protected from.
    callsPerMinute: 0,
    callsInFlight: 0,
    relayCallsPerMinute: 0,
    teamCallsPerDay: 0,
    teamBytesPerDay: 0,
    trustedProxies: 0,
    egress: [],
    fromEnvironment: [],
    logFile: folder.log("worker"),
    inspectorPort,
    onRestart: tell,
  });
  return { worker, addresses };
}

/** All instances; if some are missing, those there are and a notice about the rest. */
async function instancesUp(
  mcpUrl: URL,
  accessToken: string,
  sockets: readonly string[],
): Promise<readonly DiscoveredInstance[]> {
  let seen: DiscoveredInstance[] = [];
  await waitFor(INSTANCES_TIMEOUT_MS, async () => {
    const instances = await discoverInstances(mcpUrl, accessToken);
    seen = instances.filter(({ status }) => status === "up");
    return sockets.every((socket) => seen.some((row) => row.socket_path === socket)) || undefined;
  });
  for (const socket of sockets) {
    if (!seen.some((row) => row.socket_path === socket)) {
      tell(`No AimDB instance answers at ${socket}. Try: node dist/aimdb-relay.js discover`);
    }
  }
  return seen;
}
