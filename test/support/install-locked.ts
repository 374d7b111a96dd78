/** Installs a folder's locked packages, unless exactly these are there already. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectPath } from "../../worker/selfhost/project.ts";

export function installLocked(folder: string): void {
  const path = projectPath(folder);
  const lock = readFileSync(join(path, "package-lock.json"), "utf8");
  const installed = join(path, "node_modules/.installed-lock");
  if (existsSync(installed) && readFileSync(installed, "utf8") === lock) return;
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", args, { cwd: path, stdio: "inherit" });
  writeFileSync(installed, lock);
}
