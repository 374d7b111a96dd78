/** Builds the real AimDB hosts of test/hosts once per run, or says loudly why it can't. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { ensureBuilt } from "../../../worker/selfhost/build/build.ts";
import { projectPath } from "../../../worker/selfhost/project.ts";

export interface BuiltHost {
  readonly protocol: "1.0" | "3.0";
  /** Absent where it could not be built. */
  readonly binary?: string;
  readonly reason?: string;
}

declare module "vitest" {
  interface ProvidedContext {
    realHosts: BuiltHost[];
  }
}

const PROJECTS = [
  { protocol: "1.0", folder: "aimdb-1x", binary: "aimdb-host-1x", args: [] },
  // Its crates ask for a later compiler than they need.
  { protocol: "3.0", folder: "aimdb-2x", binary: "aimdb-host-2x", args: ["--ignore-rust-version"] },
] as const;

export default async function setup(project: TestProject): Promise<void> {
  await ensureBuilt();
  const hosts = buildRealHosts();
  for (const { protocol, reason } of hosts) {
    if (reason === undefined) continue;
    const text = `NO REAL HOST for AimX ${protocol}: ${reason}`;
    if (process.env["CI"] !== undefined) throw new Error(text);
    process.stderr.write(
      `\n${"!".repeat(80)}\n${text}\nIts tests are SKIPPED.\n${"!".repeat(80)}\n\n`,
    );
  }
  project.provide("realHosts", hosts);
}

export function buildRealHosts(): BuiltHost[] {
  return PROJECTS.map(buildHost);
}

/** With the compilers that the machine offers, one after the other. */
function buildHost({ protocol, folder, binary, args }: (typeof PROJECTS)[number]): BuiltHost {
  const cwd = projectPath(`test/hosts/${folder}`);
  let reason = "";
  for (const toolchain of toolchains()) {
    const result = spawnSync("cargo", [...toolchain, "build", "--quiet", ...args], {
      cwd,
      encoding: "utf8",
      env: { ...process.env, CARGO_TARGET_DIR: join(cwd, "target") },
    });
    if (result.status === 0) return { protocol, binary: join(cwd, "target", "debug", binary) };
    reason = result.error?.message ?? result.stderr;
  }
  return { protocol, reason };
}

function toolchains(): string[][] {
  const listed = spawnSync("rustup", ["toolchain", "list", "--quiet"], { encoding: "utf8" });
  const others = (listed.stdout ?? "").split("\n").filter((name) => name !== "");
  return [[], ...others.map((name) => [`+${name.split(" ", 1)[0]}`])];
}
