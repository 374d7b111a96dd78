/** The demo's AimDB hosts: those that were named, or a simulated one for each released wire. */
import { inheritedEnvironment } from "../environment.ts";
import { projectPath } from "../project.ts";
import { Program } from "../process/supervise.ts";
import type { DemoFolder } from "./demo-folder.ts";
import type { Parts } from "./parts.ts";

const SIMULATED = [
  { name: "aimdb-1x", aimx: "1.0" },
  { name: "aimdb-2x", aimx: "3.0" },
];

export interface Hosts {
  readonly sockets: readonly string[];
  readonly programs: readonly Program[];
}

export async function startHosts(
  sockets: readonly string[],
  folder: DemoFolder,
  { parts, onRestart }: { parts: Parts; onRestart: (message: string) => void },
): Promise<Hosts> {
  if (sockets.length > 0) return { sockets, programs: [] };
  const programs = SIMULATED.map(
    ({ name, aimx }) =>
      new Program({
        name,
        command: process.execPath,
        args: [
          projectPath("worker/selfhost/simulator/main.ts"),
          `--socket=${folder.socket(name)}`,
          `--aimx=${aimx}`,
        ],
        env: inheritedEnvironment(),
        logFile: folder.log(name),
        stopSignal: "SIGTERM",
        onRestart,
      }),
  );
  for (const program of programs) {
    await program.start();
    await parts.add(program);
  }
  return { sockets: SIMULATED.map(({ name }) => folder.socket(name)), programs };
}
