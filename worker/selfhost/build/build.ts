/** Builds dist/: the Worker as wrangler bundles it for Cloudflare, the relay as one file. */
import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { buildRelay } from "./build-relay.ts";
import { inheritedEnvironment } from "../environment.ts";
import { tell } from "../output.ts";
import { projectPath, RELAY_BUNDLE, WORKER_BUNDLE } from "../project.ts";

const run = promisify(execFile);
const SOURCES = ["worker", "relay", "shared", "wrangler.toml", "package.json"];

/** Builds what is missing or older than a source. */
export async function ensureBuilt(): Promise<void> {
  const newestSource = await newestChange(SOURCES.map(projectPath));
  const built = await Promise.all([WORKER_BUNDLE, RELAY_BUNDLE].map(changedAt));
  if (built.every((at) => at !== undefined && at >= newestSource)) return;
  tell("Building dist/ …");
  await build();
}

export async function build(): Promise<void> {
  await Promise.all([buildWorker(), buildRelay()]);
}

/** A build sends nothing off the machine. */
const QUIET_WRANGLER = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_SEND_METRICS: "false",
};

async function buildWorker(): Promise<void> {
  const wrangler = projectPath("node_modules/wrangler/bin/wrangler.js");
  const args = [wrangler, "deploy", "--dry-run", "--minify", "--outdir", dirname(WORKER_BUNDLE)];
  await run(process.execPath, args, {
    cwd: projectPath("."),
    env: { ...inheritedEnvironment(), ...QUIET_WRANGLER },
  });
}

async function changedAt(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs;
}

async function newestChange(paths: readonly string[]): Promise<number> {
  const times = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path);
      if (!found.isDirectory()) return found.mtimeMs;
      const names = await readdir(path);
      return newestChange(names.map((name) => join(path, name)));
    }),
  );
  return Math.max(0, ...times);
}
