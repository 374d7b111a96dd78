/** What tests need of a machine and it may lack: then they are skipped, which is told. */
import { execFileSync } from "node:child_process";

/** False, loudly, where it is not there; under CI that is a failure. */
export function orSkip(isThere: boolean, text: string): boolean {
  if (isThere) return true;
  if (process.env["CI"] !== undefined) throw new Error(text);
  process.stderr.write(`\n${text}\n`);
  return false;
}

/** Programs of the list that can't be started by their names. */
export function missingOf(programs: readonly string[]): string[] {
  return programs.filter((program) => !isInstalled(program));
}

export const IS_ROOT = process.getuid?.() === 0;

function isInstalled(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
