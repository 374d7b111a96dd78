/**
 * `npm run bench -- --json FILE`: the whole product beside the bare limit of its platform and what is used
 * instead, in one run on one machine. Minutes long.
 */
import { errorText } from "#shared/text/error-text.ts";
import { writeFile } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { openHost, openRealHost } from "./bench-host.ts";
import { measureEvents } from "./event-latency.ts";
import { measureFanOut, type FanOut } from "./fan-out.ts";
import { measureFootprint } from "./footprint.ts";
import { ratiosOf } from "./ratios.ts";
import { toMarkdown } from "./report.ts";
import { endStartedOnSignal } from "../support/processes/started.ts";
import type { Measured, Results } from "./results.ts";
import { measureSideBySide, type SideBySide } from "./side-by-side.ts";

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    markdown: { type: "string" },
    /** Of one window; what takes longer takes several. */
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
    /** Names of subjects, or fan-out, events, footprint. */
    only: { type: "string" },
    /** A built host of test/hosts, in place of the simulator. */
    host: { type: "string" },
  },
});

const windowMs = Number(values.seconds) * 1000;
const rounds = Number(values.rounds);
const wanted = values.only?.split(",");
const isWanted = (name: string): boolean => wanted === undefined || wanted.includes(name);
const tell = (text: string): void => void process.stderr.write(`${text}\n`);

async function measureCells(): Promise<SideBySide> {
  const host = values.host === undefined ? await openHost() : await openRealHost(values.host);
  try {
    return await measureSideBySide(host, { windowMs, rounds, isWanted, tell });
  } finally {
    await host.close();
  }
}

async function measureAll(): Promise<Measured> {
  const { cells, missing } = await measureCells();
  const failed: Record<string, string> = {};
  /** What fails in minutes of measuring must not take the rest with it. */
  const part = async <T>(name: string, measure: () => Promise<T>, none: T): Promise<T> => {
    if (!isWanted(name)) return none;
    try {
      return await measure();
    } catch (error) {
      failed[name] = errorText(error);
      tell(`FAILED: ${name}: ${failed[name]}`);
      process.exitCode = 1;
      return none;
    }
  };
  const fanOut = await part("fan-out", () => measureFanOut(windowMs, tell), NO_FAN_OUT);
  const events = await part("events", () => measureEvents(windowMs, tell), []);
  const footprint = await part("footprint", () => measureFootprint(windowMs, tell), []);
  return { cells, ...fanOut, events, footprint, missing: { ...missing, ...failed } };
}

/** Where it was kept is of no matter to whoever repeats it. */
function withoutPlace(argument: string, i: number, all: readonly string[]): string {
  return ["--json", "--markdown"].includes(all[i - 1] ?? "") ? "FILE" : argument;
}

const NO_FAN_OUT: FanOut = { fan_out: [], relays_per_worker: [] };

endStartedOnSignal();
const measured = await measureAll();
const results: Results = {
  machine: {
    model: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
  },
  node: process.version,
  command: ["npm run bench --", ...process.argv.slice(2).map(withoutPlace)].join(" "),
  date: new Date().toISOString(),
  ratios: ratiosOf(measured),
  ...measured,
};
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
}
if (values.markdown !== undefined) await writeFile(values.markdown, toMarkdown(results));
process.stdout.write(`${JSON.stringify(results.ratios, null, 2)}\n`);
