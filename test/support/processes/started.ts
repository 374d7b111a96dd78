/** What the bench and the soak have started, so that none of it outlives them. */
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";

const started = new Set<ChildProcess>();

export function noteStarted(child: ChildProcess): void {
  started.add(child);
  child.once("exit", () => started.delete(child));
}

/** Also those in process groups of their own, which a terminal's signal does not reach. */
export function endStartedOnSignal(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      for (const child of started) child.kill("SIGTERM");
      process.exit(128 + constants.signals[signal]);
    });
  }
}
