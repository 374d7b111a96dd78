/** One run of the official suite's command, and what each scenario came to. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectPath } from "../../worker/selfhost/project.ts";

export interface SuiteRun {
  readonly release: "0.1" | "0.2";
  readonly selection: readonly string[];
  /** A file of this folder. */
  readonly baseline: string;
}

export interface SuiteOutcome {
  readonly exitCode: number;
  readonly output: string;
  /** By scenario: its checks that did not pass. */
  readonly scenarios: ReadonlyMap<string, readonly Check[]>;
}

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

export async function runSuite(
  { release, selection, baseline }: SuiteRun,
  { url, folder }: { readonly url: URL; readonly folder: string },
): Promise<SuiteOutcome> {
  const results = await mkdtemp(join(folder, "results-"));
  const command = projectPath(
    `test/conformance/suite/node_modules/conformance-${release}/dist/index.js`,
  );
  const expected = projectPath(`test/conformance/${baseline}`);
  const args = ["server", "--url", url.href, ...selection, "-o", results];
  const { exitCode, output } = await run([command, ...args, "--expected-failures", expected]);
  return { exitCode, output, scenarios: await readResults(results) };
}

function run(args: readonly string[]): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}

/** A folder a scenario, `server-<name>-<time>`. */
const RESULT = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/;

/** What counts against a scenario: the suite's baseline takes a warning for a failure, too. */
const AGAINST: ReadonlySet<string> = new Set(["FAILURE", "WARNING"]);

async function readResults(folder: string): Promise<Map<string, readonly Check[]>> {
  const scenarios = new Map<string, readonly Check[]>();
  for (const name of await readdir(folder)) {
    const scenario = RESULT.exec(name)?.[1];
    if (scenario === undefined) continue;
    const text = await readFile(join(folder, name, "checks.json"), "utf8");
    const checks = JSON.parse(text) as readonly Check[];
    scenarios.set(
      scenario,
      checks.filter(({ status }) => AGAINST.has(status)),
    );
  }
  return scenarios;
}
