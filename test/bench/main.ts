/**
 * `npm run bench -- --json FILE`: the whole product beside the bare limit of its platform and what is used
 * instead, in one run on one machine. Minutes long.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, totalmem, tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { projectPath } from "../../worker/selfhost/project.ts";
import { Child } from "./child.ts";
import { measureFanOut } from "./fan-out.ts";
import { measureFootprint } from "./footprint.ts";
import { ratiosOf } from "./ratios.ts";
import { runCells, type CellRow } from "./run.ts";
import { OPERATIONS, type RunningSubject, type Subject } from "./subject.ts";
import { limit } from "./subjects/limit.ts";
import { product } from "./subjects/product.ts";
import { chiselTunnel, sshTunnel } from "./subjects/tunnels.ts";
import { mcpProxy, supergateway } from "./subjects/wrappers.ts";

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
    only: { type: "string" },
    /** A built host of test/hosts, in place of the simulator. */
    host: { type: "string" },
  },
});

const tell = (text: string): void => void process.stderr.write(`${text}\n`);
const folder = await mkdtemp(join(tmpdir(), "aimdb-bench-"));
const socketPath = join(folder, "bench.sock");
const host =
  values.host === undefined
    ? new Child(process.execPath, [projectPath("test/bench/host.ts"), socketPath])
    : new Child(values.host, [socketPath, "--period-ms", "1000"]);
await host.firstLine();
spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
  cwd: projectPath("test/bench/rivals"),
  stdio: "ignore",
});

const wanted = values.only?.split(",");
const subjects: readonly Subject[] = [
  limit({ coalesced: false }),
  limit({ coalesced: true }),
  product("2026-07-28", socketPath),
  product("2025-06-18", socketPath),
  supergateway(socketPath),
  mcpProxy(socketPath),
  sshTunnel(socketPath),
  chiselTunnel(socketPath),
].filter(({ name }) => wanted === undefined || wanted.includes(name));

const started: [Subject, RunningSubject][] = [];
const missing: Record<string, string> = {};
const rows: CellRow[] = [];
try {
  for (const subject of subjects) {
    try {
      started.push([subject, await subject.start()]);
    } catch (error) {
      missing[subject.name] = String(error);
      tell(`NOT MEASURED: ${subject.name}: ${String(error)}`);
    }
  }
  const options = {
    concurrencies: [1, 16, 64],
    windowMs: Number(values.seconds) * 1000,
    rounds: Number(values.rounds),
    tell,
  };
  for (const operation of OPERATIONS) rows.push(...(await runCells(started, operation, options)));
} finally {
  for (const [, running] of started) await running.stop();
  await host.end();
  await rm(folder, { recursive: true, force: true });
}

const fanOut = wanted === undefined ? await measureFanOut(tell) : undefined;
const footprint = wanted === undefined ? await measureFootprint(tell) : undefined;
const report = {
  machine: {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memory_gb: Math.round(totalmem() / 2 ** 30),
  },
  node: process.version,
  ratios: { ...ratiosOf(rows), ...fanOut?.ratios },
  cells: rows,
  fan_out: fanOut?.cells,
  footprint,
  missing,
};
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(report.ratios, null, 2)}\n`);
