/** Installs the foreign clients once per run; they have a lock of their own. */
import { execFileSync } from "node:child_process";
import { ensureBuilt } from "../../worker/selfhost/build.ts";
import { projectPath } from "../../worker/selfhost/project.ts";

export default async function setup(): Promise<void> {
  await ensureBuilt();
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", args, { cwd: projectPath("test/clients"), stdio: "inherit" });
}
