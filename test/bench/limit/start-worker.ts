/** The bare limit's workerd, which has nothing but `worker.js`. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimPort } from "../../../worker/selfhost/settings/ports.ts";
import { projectPath } from "../../../worker/selfhost/project.ts";
import { Child } from "../child.ts";

export const LIMIT_FOLDER = projectPath("test/bench/limit");

export interface LimitWorker {
  readonly port: number;
  readonly pid: number;
  /** For sockets beside its state; gone when it is stopped. */
  readonly folder: string;
  stop(): Promise<void>;
}

export async function startLimitWorker(): Promise<LimitWorker> {
  const folder = await mkdtemp(join(tmpdir(), "aimdb-bench-limit-"));
  const port = (await claimPort("127.0.0.1", 0)) ?? 0;
  const config = join(folder, "limit.capnp");
  const state = join(folder, "objects");
  await mkdir(state);
  await writeFile(config, toConfig(port, state));
  await copyFile(join(LIMIT_FOLDER, "worker.js"), join(folder, "worker.js"));
  const worker = new Child(projectPath("node_modules/.bin/workerd"), ["serve", config]);
  await worker.listening(port);
  return {
    port,
    pid: worker.pid,
    folder,
    stop: async () => {
      await worker.end("SIGINT");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function toConfig(port: number, state: string): string {
  const quote = (text: string) => JSON.stringify(text);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "state", disk = (path = ${quote(state)}, writable = true)),
    (name = "internet", network = (allow = [])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-02",
  compatibilityFlags = ["no_web_socket_compression"],
  durableObjectNamespaces = [(className = "Tunnel", uniqueKey = "bench", enableSql = true)],
  durableObjectStorage = (localDisk = "state"),
  bindings = [(name = "TUNNEL", durableObjectNamespace = "Tunnel")],
);
`;
}
