/** The demo's relay: the built file, enrolled and run as an operator would. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { stringify } from "smol-toml";
import { inheritedEnvironment } from "../environment.ts";
import { RELAY_BUNDLE } from "../project.ts";
import { RELAY_ENVIRONMENT, RELAY_NODE_OPTIONS } from "./relay-node.ts";
import { Program } from "../process/supervise.ts";
import type { DemoFolder } from "./demo-folder.ts";

export const DEMO_RELAY_NAME = "demo";
/** Only a person can help (`EXIT` in relay/exit-code.ts). */
const NEEDS_OPERATOR = 78;
const ENROLL_TIMEOUT_MS = 20_000;

const run = promisify(execFile);

export interface RelaySettings {
  readonly sockets: readonly string[];
  readonly confirmWrites: boolean;
  readonly rateLimit: number;
}

export async function writeRelayConfig(
  folder: DemoFolder,
  { sockets, confirmWrites, rateLimit }: RelaySettings,
): Promise<void> {
  const config = {
    allowed_sockets: [...sockets],
    writable_records: ["*"],
    confirm_writes: confirmWrites,
    rate_limit: rateLimit,
  };
  await folder.write(folder.relayConfig, stringify(config));
}

/**
 * A relay whose state was kept enrolls again: its key gets its old name back, and the worker's address may have
 * changed.
 */
export async function enrollRelay(
  folder: DemoFolder,
  workerUrl: string,
  joinToken: string,
): Promise<void> {
  await folder.write(folder.joinToken, joinToken);
  const args = [
    RELAY_BUNDLE,
    "enroll",
    workerUrl,
    `--name=${DEMO_RELAY_NAME}`,
    `--join-token-file=${folder.joinToken}`,
    `--config=${folder.relayConfig}`,
    "--force",
  ];
  await run(process.execPath, args, {
    env: relayEnvironment(folder),
    timeout: ENROLL_TIMEOUT_MS,
  });
}

export function createRelay(folder: DemoFolder, onRestart: (message: string) => void): Program {
  return new Program({
    name: "relay",
    command: process.execPath,
    args: [...RELAY_NODE_OPTIONS, RELAY_BUNDLE, "run", "--config", folder.relayConfig],
    env: relayEnvironment(folder),
    logFile: folder.log("relay"),
    stopSignal: "SIGTERM",
    onRestart,
    final: {
      status: NEEDS_OPERATOR,
      advice: `The worker refuses it for good, as after it was revoked. Start the demo again: that enrolls it anew. It wrote why to ${folder.log("relay")}`,
    },
  });
}

function relayEnvironment({ relayState }: DemoFolder): NodeJS.ProcessEnv {
  return { ...inheritedEnvironment(), ...RELAY_ENVIRONMENT, STATE_DIRECTORY: relayState };
}
