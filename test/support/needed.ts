/** What tests need of a machine and it may lack: then they are skipped, which is told. */
import { execFileSync } from "node:child_process";

/** False, loudly, where it is not there; under CI that is a failure. */
export function orSkip(isThere: boolean, text: string): boolean {
  if (isThere) return true;
  if (process.env["CI"] !== undefined) throw new Error(text);
  process.stderr.write(`\n${text}\n`);
  return false;
}

/** The same of root's rights and programs; `toText` says what is done without, given what there is not. */
export function rootOrSkip(
  programs: readonly string[],
  toText: (missing: string) => string,
): boolean {
  const missing = missingOf(programs);
  const what = IS_ROOT ? `no ${missing.join(", no ")}` : "not root";
  return orSkip(IS_ROOT && missing.length === 0, toText(what));
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
