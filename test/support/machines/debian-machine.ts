/**
 * A Debian machine of its own: debootstrap makes the files, systemd-nspawn boots them with the real
 * systemd over a layer that is thrown away. Its network is ours, so that it reaches what a test starts,
 * or one of its own.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { projectPath } from "../../../worker/selfhost/project.ts";
import { waitFor } from "../../../worker/selfhost/process/wait-for.ts";
import { rootOrSkip } from "../needed.ts";

const run = promisify(execFile);

const SUITE = "trixie";
const PACKAGES = "nodejs,systemd,systemd-sysv,dbus,ca-certificates";
/** Made once a checkout; the name changes with what is in it. */
const ROOT = projectPath(`node_modules/.cache/debian-${SUITE}-1`);

const TOOLS = ["debootstrap", "systemd-nspawn", "nsenter"];
const BOOT_TIMEOUT_MS = 60_000;

/** False, loudly, where such a machine can't be had; under CI that is a failure. */
export function canBootDebian(): boolean {
  return rootOrSkip(
    TOOLS,
    (missing) =>
      `NO DEBIAN MACHINE (${missing}): the package, the unit and the containers are not tested.`,
  );
}

/** A minimal Debian's files, to be read only. */
export async function debianRoot(): Promise<string> {
  if (existsSync(ROOT)) return ROOT;
  const fresh = `${ROOT}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(dirname(ROOT), { recursive: true });
  const args = ["--variant=minbase", `--include=${PACKAGES}`, SUITE, fresh];
  await run("debootstrap", args, { maxBuffer: 64 * 1024 * 1024 });
  await rename(fresh, ROOT);
  return ROOT;
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

export class DebianMachine {
  readonly #nspawn: ChildProcess;
  readonly #leader: number;

  private constructor(nspawn: ChildProcess, leader: number) {
    this.#nspawn = nspawn;
    this.#leader = leader;
  }

  /** `shared`: files and folders of ours, by where they are there. */
  static async boot(
    shared: Readonly<Record<string, string>>,
    { privateNetwork = false } = {},
  ): Promise<DebianMachine> {
    const binds = Object.entries(shared).map(([there, ours]) => `--bind=${ours}:${there}`);
    if (privateNetwork) binds.push("--private-network");
    const nspawn = spawn(
      "systemd-nspawn",
      [
        `--directory=${await debianRoot()}`,
        "--volatile=overlay",
        "--register=no",
        "--keep-unit",
        "--console=pipe",
        ...binds,
        "--boot",
      ],
      {
        stdio: ["ignore", "ignore", "ignore"],
        // The systemd in there wants cgroups of version 2, whatever we have.
        env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" },
      },
    );
    const leader = await waitFor(BOOT_TIMEOUT_MS, async () => initOf(nspawn.pid ?? 0));
    if (leader === undefined) {
      nspawn.kill("SIGKILL");
      throw new Error("systemd-nspawn started nothing");
    }
    const machine = new DebianMachine(nspawn, leader);
    const state = await waitFor(BOOT_TIMEOUT_MS, async () => {
      const { out } = await machine.run(["systemctl", "is-system-running"]);
      return /running|degraded/.test(out) ? out : undefined;
    });
    if (state !== undefined) return machine;
    await machine.close();
    throw new Error("The Debian machine did not boot");
  }

  /** As root, in there. Never rejects. */
  run(
    command: readonly string[],
    options: { readonly input?: string; readonly env?: Record<string, string> } = {},
  ): Promise<Ran> {
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...options.env };
    const enter = ["-t", String(this.#leader), "-m", "-u", "-i", "-n", "-p", "-r", "-w", "--"];
    return new Promise((resolve) => {
      const child = execFile("nsenter", [...enter, ...command], { env }, (error, out, errors) => {
        resolve({ code: codeOf(error), out, errors });
      });
      // A program that reads nothing may be gone by now.
      child.stdin?.on("error", () => {});
      child.stdin?.end(options.input ?? "");
    });
  }

  async succeed(...command: string[]): Promise<string> {
    const ran = await this.run(command);
    if (ran.code === 0) return ran.out;
    throw new Error(`${command.join(" ")}: ${ran.code}\n${ran.out}${ran.errors}`);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => {
      this.#nspawn.once("exit", resolve);
    });
    if (this.#nspawn.exitCode !== null) return;
    // The first process of its namespace takes all others along.
    kill(this.#leader);
    await ended;
  }
}

/** The one that is process 1 in there; others of nspawn's come and go. */
function initOf(pid: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return children.map(Number).find((child) => {
      const status = readFileSync(`/proc/${child}/status`, "utf8");
      return /^NSpid:\t\d+\t1$/m.test(status);
    });
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

function codeOf(error: Error | null): number {
  if (error === null) return 0;
  return "code" in error && typeof error.code === "number" ? error.code : -1;
}
