/** The Worker in workerd, on this machine: prepared, started, kept running. */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as z from "zod/mini";
import { watchClock } from "./clock-watch.ts";
import { inheritedEnvironment } from "../environment.ts";
import type { CallLimits } from "../settings/options.ts";
import { WORKER_BUNDLE } from "../project.ts";
import { Program } from "./supervise.ts";
import { waitFor } from "./wait-for.ts";
import type { WorkerSettings } from "../settings/worker-settings.ts";
import { toWorkerdConfig } from "./workerd-config.ts";

const READY_TIMEOUT_MS = 20_000;

export interface WorkerOptions extends CallLimits {
  readonly stateFolder: string;
  readonly settings: WorkerSettings;
  /** By class name. */
  readonly uniqueKeys: Readonly<Record<string, string>>;
  readonly adminTokenSha256: string;
  /** Undefined: only the admin token and owners may read `/metrics`. */
  readonly metricsTokenSha256: string | undefined;
  readonly trustedProxies: number;
  readonly host: string;
  readonly port: number;
  readonly tokenPort: number;
  readonly publicUrl: string;
  readonly tokenUrl: string;
  readonly egress: readonly string[];
  readonly fromEnvironment: readonly string[];
  readonly logFile: string | undefined;
  /** On this machine only. */
  readonly inspectorPort?: number | undefined;
  readonly onRestart: (message: string) => void;
}

/** Settles once the Worker answers. Throws if it does not within READY_TIMEOUT_MS. */
export async function startWorker(options: WorkerOptions): Promise<Program> {
  const program = new Program({
    name: "workerd",
    command: workerdBinary(),
    args: ["serve", ...inspectorOf(options), await prepare(options)],
    env: inheritedEnvironment(),
    logFile: options.logFile,
    stopSignal: "SIGINT",
    onRestart: options.onRestart,
  });
  await program.start();
  const { host, port } = options;
  const address = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const ready = await waitFor(READY_TIMEOUT_MS, () =>
    isHealthy(`http://${address}:${port}/health`),
  );
  if (ready === undefined) {
    await program.stop();
    throw new Error("workerd did not begin to answer. Its own messages say why.");
  }
  watchClock((ms) => {
    options.onRestart(`This machine's clock was set back by ${Math.round(ms / 1_000)} s.`);
    program.restart();
  });
  return program;
}

function inspectorOf({ inspectorPort }: WorkerOptions): string[] {
  return inspectorPort === undefined ? [] : [`--inspector-addr=127.0.0.1:${inspectorPort}`];
}

/** The bundle is copied, so that the next build does not change what is running. */
async function prepare({ stateFolder, ...options }: WorkerOptions): Promise<string> {
  const folder = join(stateFolder, "worker");
  const storageFolder = join(stateFolder, "objects");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await mkdir(storageFolder, { recursive: true, mode: 0o700 });
  await copyFile(WORKER_BUNDLE, join(folder, "worker.js"));
  const path = join(folder, "workerd.capnp");
  const text = toWorkerdConfig({
    ...options,
    bundle: "worker.js",
    storageFolder,
  });
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

const workerdPackage = z.object({ default: z.string() });

/** The package exports the path of the binary for this platform. */
function workerdBinary(): string {
  const require = createRequire(import.meta.url);
  return workerdPackage.parse(require("workerd")).default;
}

async function isHealthy(url: string): Promise<true | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return response.ok ? true : undefined;
  } catch {
    return undefined;
  }
}
