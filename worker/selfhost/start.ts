/** `npm start`: the Worker on this machine, without an account and without outgoing connections. */
import { errorText } from "#shared/text/error-text.ts";
import { resolve } from "node:path";
import { chooseAddresses, type Addresses } from "./settings/addresses.ts";
import { ensureBuilt } from "./build/build.ts";
import { resolveEgress } from "./settings/egress.ts";
import { inheritedEnvironment } from "./environment.ts";
import { externalVariables } from "./settings/external-issuer.ts";
import { hashToken, openInstall } from "./settings/install.ts";
import { parseStartOptions, START_USAGE, type StartOptions } from "./settings/options.ts";
import { openIdVariables } from "./settings/open-id.ts";
import { otlpVariables } from "./settings/otlp.ts";
import { print, tell } from "./output.ts";
import { createOwnerLink } from "./owner-link.ts";
import { stopRequested } from "./process/stop-signal.ts";
import type { Program } from "./process/supervise.ts";
import { startWorker } from "./process/worker-process.ts";
import { readWorkerSettings } from "./settings/worker-settings.ts";

const MIN_OPERATOR_TOKEN_LENGTH = 32;

interface Started {
  readonly program: Program;
  readonly addresses: Addresses;
  readonly stateFolder: string;
  /** Made by the first start, and otherwise unknown. */
  readonly adminToken: string | undefined;
  /** Makes the person who opens it the first owner. Undefined if there is one, or nobody to ask for the link. */
  readonly ownerUrl: string | undefined;
}

async function start(options: StartOptions): Promise<Started> {
  await ensureBuilt();
  const settings = await readWorkerSettings();
  const stateFolder = resolve(options.stateFolder);
  const given = operatorToken("ADMIN_TOKEN");
  const metricsToken = operatorToken("METRICS_TOKEN");
  const openId = openIdVariables(inheritedEnvironment());
  const external = externalVariables(inheritedEnvironment());
  const otlp = otlpVariables(inheritedEnvironment());
  const addresses = await chooseAddresses(options);
  const egress = await resolveEgress(options.egress, [
    ...openId.hosts,
    ...external.hosts,
    ...otlp.hosts,
  ]);
  const classNames = settings.durable_objects.bindings.map(({ class_name }) => class_name);
  // After all that may refuse to start: the admin token is made once, and only a start that succeeds shows it.
  const { install, adminToken } = await openInstall(stateFolder, classNames);
  const program = await startWorker({
    ...addresses,
    stateFolder,
    settings,
    uniqueKeys: install.unique_keys,
    adminTokenSha256: given === undefined ? install.admin_token_sha256 : hashToken(given),
    metricsTokenSha256: metricsToken === undefined ? undefined : hashToken(metricsToken),
    callsPerMinute: options.callsPerMinute,
    callsInFlight: options.callsInFlight,
    relayCallsPerMinute: options.relayCallsPerMinute,
    teamCallsPerDay: options.teamCallsPerDay,
    teamBytesPerDay: options.teamBytesPerDay,
    trustedProxies: options.trustedProxies,
    egress,
    fromEnvironment: [...openId.variables, ...external.variables, ...otlp.variables],
    logFile: undefined,
    onRestart: tell,
  });
  const known = given ?? adminToken;
  const ownerUrl = known === undefined ? undefined : await createOwnerLink(addresses, known);
  return { program, addresses, stateFolder, adminToken, ownerUrl };
}

/** ADMIN_TOKEN in the environment replaces the token that the first start made. */
function operatorToken(name: "ADMIN_TOKEN" | "METRICS_TOKEN"): string | undefined {
  const token = inheritedEnvironment()[name];
  if (token === undefined || token === "") return undefined;
  if (token.length >= MIN_OPERATOR_TOKEN_LENGTH) return token;
  throw new Error(`${name} must have ${MIN_OPERATOR_TOKEN_LENGTH} characters or more.`);
}

function describe({ program, addresses, stateFolder, adminToken, ownerUrl }: Started): object {
  return {
    mcpUrl: new URL("/mcp", addresses.publicUrl).href,
    tokenMcpUrl: new URL("/mcp", addresses.tokenUrl).href,
    dashboardUrl: new URL("/", addresses.publicUrl).href,
    ...(adminToken === undefined ? {} : { adminToken }),
    ...(ownerUrl === undefined ? {} : { ownerUrl }),
    state: stateFolder,
    pids: { worker: program.pid },
  };
}

function show(started: Started): void {
  const { addresses, stateFolder, adminToken, ownerUrl } = started;
  tell(
    `aimdb-remote is up at ${addresses.publicUrl} (listening on ${addresses.host}:${addresses.port})`,
  );
  tell(`  connector URL   ${new URL("/mcp", addresses.publicUrl).href}`);
  tell(`  token origin    ${new URL("/mcp", addresses.tokenUrl).href}`);
  tell(`  state           ${stateFolder}`);
  if (adminToken !== undefined) {
    tell("  admin token     shown once, now; its hash is kept:");
    print(adminToken);
  }
  if (ownerUrl !== undefined) {
    tell(
      "  first owner     this link makes your account; good once, for a day; an earlier one is void:",
    );
    print(ownerUrl);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseStartOptions(args);
  if (!options.ok) {
    tell(`${options.error}\n${START_USAGE}`);
    return 2;
  }
  const stop = stopRequested();
  try {
    const started = await start(options.value);
    if (options.value.json) print(JSON.stringify(describe(started)));
    else show(started);
    await stop;
    await started.program.stop();
    return 0;
  } catch (error) {
    tell(errorText(error));
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
