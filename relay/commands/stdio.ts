/** `aimdb-relay stdio`: the MCP server over this machine's own instances, for one client. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { CallerSignal } from "#shared/fleet/caller-signal.ts";
import { CallingFleet } from "#shared/fleet/calling-fleet.ts";
import { createServer, type ServerContext } from "#shared/mcp/serving/server.ts";
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config-file.ts";
import type { Config } from "../config.ts";
import { stdioControlPath } from "../control/control-path.ts";
import { ControlServer } from "../control/control-server.ts";
import { decideWrites } from "../control/decide-writes.ts";
import { openDevice, type Device } from "../device.ts";
import { stateFolder, type Environment } from "../environment.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { requireKnownState } from "../identity/state-version.ts";
import type { Log } from "../log.ts";
import { ResourceWatcher } from "../stdio/resource-watcher.ts";
import { LocalCalls } from "../stdio/local-calls.ts";
import { PatientTransport } from "../stdio/patient-transport.ts";
import { requestStateOfProcess } from "../stdio/request-state.ts";
import { RELAY_VERSION } from "../version.ts";

/** A read has ended by then; what waits longer waits for samples. */
const FINISH_AFTER_INPUT_MS = 16_000;

/** Clients kill a server two seconds after they asked it to end. */
const FINISH_AFTER_SIGNAL_MS = 1_000;

/** The share of what is left of the two seconds. */
const FINISH_WRITES_MS = 500;

export async function stdio(
  configPath: string | undefined,
  environment: Environment,
): Promise<ExitCode> {
  const loaded = await loadConfig(configPath, environment);
  if (!loaded.ok) {
    environment.printError(`${loaded.error}\n`);
    return EXIT.needsOperator;
  }
  await requireKnownState(stateFolder(environment));
  const { config, path } = loaded.value;
  const { log } = environment;
  const device = await openDevice(config, environment, { serves: "stdio", onChange: () => {} });
  log.info("stdio_start", { version: RELAY_VERSION, config: path });
  const newId = () => randomBytes(16).toString("hex");
  const calls = new LocalCalls({ device, config, clock: systemClock, newId });
  const fleet = new CallingFleet(calls);
  const fleetUntil = (gone: CallerSignal) => new CallingFleet(calls.until(gone));
  const requestState = requestStateOfProcess();
  const control = await openControl(device, config, environment);
  // A reader that waits for samples is answered with what is there.
  environment.stop.addEventListener("abort", () => device.server.endWaits(), { once: true });
  await serveUntilOver({ fleet, fleetUntil, requestState }, environment);
  device.server.cancelAll();
  await control?.close();
  await device.close(FINISH_WRITES_MS);
  return EXIT.ok;
}

/** For `aimdb-relay confirm`, if a client can't ask its user. */
async function openControl(
  { writes }: Device,
  { confirmWrites }: Config,
  environment: Environment,
): Promise<ControlServer | undefined> {
  if (confirmWrites === "never") return undefined;
  const path = stdioControlPath(environment, process.pid);
  const status = () => Promise.reject(new Error("It serves a client and no worker."));
  try {
    const handlers = { status, ...decideWrites(writes, systemClock) };
    return await ControlServer.open({ path, handlers, clock: systemClock });
  } catch (error) {
    environment.log.error("control_not_open", { path, reason: String(error) });
    return undefined;
  }
}

/** Ends with standard input, with standard output, or on a signal. */
async function serveUntilOver(
  { fleet, ...asking }: Pick<ServerContext, "fleet" | "fleetUntil" | "requestState">,
  environment: Environment,
): Promise<void> {
  const { stdin, stdout, stop, log } = environment;
  let tell: (uri: string) => void = () => {};
  const watcher = new ResourceWatcher({
    fleet,
    clock: systemClock,
    log,
    onUpdated: (uri) => tell(uri),
  });
  const transport = new PatientTransport(stdin, stdout, watcher);
  const over = new AbortController();
  const isOver = once(over.signal, "abort");
  stdin.once("end", () => over.abort());
  stdin.once("close", () => over.abort());
  stdout.once("error", () => over.abort());
  stop.addEventListener("abort", () => over.abort(), { once: true });
  if (stop.aborted) over.abort();

  // What the message of an error says may repeat what was sent.
  const onerror = (error: Error) => log.warn("mcp_error", { reason: error.name });
  const context: ServerContext = {
    ...asking,
    fleet,
    version: RELAY_VERSION,
    explain: explainTo(log),
    // Named by socket path, as people beside the host know them.
    resources: { uriForm: "socket", subscriber: watcher },
    canSubscribe: true,
  };
  const serving = serveStdio(
    () => {
      const server = createServer(context);
      tell = (uri) => void server.sendResourceUpdated({ uri }).catch(onerror);
      return server;
    },
    { transport, onerror },
  );
  if (!over.signal.aborted) await isOver;
  watcher.end();
  await finish(transport, stop);
  await serving.close();
  stdin.destroy();
}

async function finish(transport: PatientTransport, stop: AbortSignal): Promise<void> {
  const clock = systemClock;
  await transport.finish({ clock, waitMs: FINISH_AFTER_INPUT_MS, signal: stop });
  if (stop.aborted) await transport.finish({ clock, waitMs: FINISH_AFTER_SIGNAL_MS });
}

/** The client learns no more than a remote one. */
function explainTo(log: Log): ServerContext["explain"] {
  return (error) => {
    log.error("mcp_failed", { reason: String(error) });
    return "The relay failed. Its log has the reason.";
  };
}
