/** A foreign client as a process, watched: none of them may reach anything outside this machine. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";

const STRACE = "/usr/bin/strace";
const IS_WATCHED = existsSync(STRACE);

if (!IS_WATCHED) {
  process.stderr.write("\nNO STRACE: where the foreign clients connect to is not checked.\n");
}

export interface ClientRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Addresses of other machines that it tried. */
  readonly foreignAddresses: readonly string[];
}

const DEADLINE_MS = 45_000;

/** Its home is `folder`; nothing of this process's own environment goes along but PATH. */
export async function runClient(
  command: readonly string[],
  { folder, env = {} }: { readonly folder: string; readonly env?: Record<string, string> },
): Promise<ClientRun> {
  const trace = join(await mkdtemp(join(folder, "trace-")), "connects");
  const run = await exec(watched(command, trace), {
    cwd: folder,
    timeout: DEADLINE_MS,
    env: { PATH: process.env["PATH"], HOME: folder, ...QUIET, ...env },
  });
  return { ...run, foreignAddresses: await foreignAddressesIn(trace) };
}

/** The command, so that where it connects to is written to a file. */
export function watched(command: readonly string[], trace: string): readonly string[] {
  if (!IS_WATCHED) return command;
  return [STRACE, "-f", "-qq", "-e", "trace=connect", "-o", trace, ...command];
}

/** No client phones home, looks for updates or reports. */
const QUIET = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_ERROR_REPORTING: "1",
  DISABLE_TELEMETRY: "1",
  DO_NOT_TRACK: "1",
  MASTRA_TELEMETRY_DISABLED: "1",
  OPENAI_AGENTS_DISABLE_TRACING: "1",
};

function exec(
  [command = "", ...args]: readonly string[],
  options: { cwd: string; timeout: number; env: Record<string, string | undefined> },
): Promise<Omit<ClientRun, "foreignAddresses">> {
  return new Promise((resolve) => {
    const child = execFile(command, args, options, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr });
    });
    child.stdin?.end();
  });
}

const ADDRESS = /connect\(.*(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"/g;
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** Empty, too, if nobody watched. */
export async function foreignAddressesIn(trace: string): Promise<readonly string[]> {
  if (!IS_WATCHED) return [];
  const connects = await readFile(trace, "utf8");
  const addresses = [...connects.matchAll(ADDRESS)].map(([, address = ""]) => address);
  return [...new Set(addresses)].filter((address) => !LOOPBACK.test(address));
}
