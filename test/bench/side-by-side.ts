/** The product beside the bare limit of its platform, and beside what is used instead. */
import { errorText } from "#shared/text/error-text.ts";
import { spawnSync } from "node:child_process";
import { projectPath } from "../../worker/selfhost/project.ts";
import type { OpenHost } from "./bench-host.ts";
import { runCells, type CellRow } from "./run.ts";
import { OPERATIONS, type RunningSubject, type Subject } from "./subject.ts";
import { limit } from "./subjects/limit.ts";
import { product } from "./subjects/product.ts";
import { chiselTunnel, sshTunnel } from "./subjects/tunnels.ts";
import { mcpProxy, supergateway } from "./subjects/wrappers.ts";

const CONCURRENCIES = [1, 16, 64];

export interface SideBySideOptions {
  readonly windowMs: number;
  readonly rounds: number;
  readonly isWanted: (name: string) => boolean;
  readonly tell: (text: string) => void;
}

export interface SideBySide {
  readonly cells: readonly CellRow[];
  readonly missing: Readonly<Record<string, string>>;
}

export async function measureSideBySide(
  { socketPath }: OpenHost,
  { isWanted, ...options }: SideBySideOptions,
): Promise<SideBySide> {
  const subjects: readonly Subject[] = [
    limit({ coalesced: false }),
    limit({ coalesced: true }),
    product("2026-07-28", socketPath),
    product("2025-06-18", socketPath),
    supergateway(socketPath),
    mcpProxy(socketPath),
    sshTunnel(socketPath),
    chiselTunnel(socketPath),
  ].filter(({ name }) => isWanted(name));
  if (subjects.some(({ name }) => WRAPPERS.has(name))) installWrappers();
  const { tell } = options;
  const started: [Subject, RunningSubject][] = [];
  const missing: Record<string, string> = {};
  try {
    for (const subject of subjects) {
      try {
        started.push([subject, await subject.start()]);
      } catch (error) {
        missing[subject.name] = errorText(error);
        tell(`SKIPPED: ${subject.name}: ${missing[subject.name]}`);
      }
    }
    const cells: CellRow[] = [];
    for (const operation of OPERATIONS) {
      cells.push(
        ...(await runCells(started, operation, { concurrencies: CONCURRENCIES, ...options })),
      );
    }
    return { cells, missing };
  } finally {
    for (const [, running] of started) await running.stop();
  }
}

const WRAPPERS = new Set(["supergateway", "mcp-proxy"]);

/** Where it fails they can't start, which is told then. */
function installWrappers(): void {
  spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: projectPath("test/bench/rivals"),
    stdio: "ignore",
  });
}
