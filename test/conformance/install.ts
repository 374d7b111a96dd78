/** Installs the official suite once per run; it has a lock of its own. */
import { execFileSync } from "node:child_process";
import { projectPath } from "../../worker/selfhost/project.ts";

export default function setup(): void {
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", args, { cwd: projectPath("test/conformance/suite"), stdio: "inherit" });
}
