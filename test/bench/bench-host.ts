/** The AimDB host of the bench as a process of its own, at a socket of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectPath } from "../../worker/selfhost/project.ts";
import { Child } from "./child.ts";

export interface OpenHost {
  readonly socketPath: string;
  readonly close: () => Promise<void>;
}

/** Nothing moves unless told otherwise. */
export async function openHost({ records = 50, moving = 0, hz = 10 } = {}): Promise<OpenHost> {
  const numbers = { records, moving, hz };
  const options = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const program = projectPath("test/bench/host.ts");
  return start((socketPath) => [process.execPath, program, socketPath, ...options]);
}

/** A built host of test/hosts. */
export async function openRealHost(binary: string): Promise<OpenHost> {
  return start((socketPath) => [binary, socketPath, "--period-ms", "1000"]);
}

async function start(commandFor: (socketPath: string) => readonly string[]): Promise<OpenHost> {
  const folder = await mkdtemp(join(tmpdir(), "aimdb-bench-host-"));
  // Its instance is named after it, and a relay may have several.
  const socketPath = join(folder, `bench-${folder.slice(-6).toLowerCase()}.sock`);
  const [command = "", ...args] = commandFor(socketPath);
  const host = new Child(command, args);
  await host.firstLine();
  return {
    socketPath,
    close: async () => {
      await host.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
