/** Hosts for the end-to-end suite: simulated and real ones behind one face. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { startSimulator, type Simulator } from "../../../worker/selfhost/simulator/server.ts";

export interface HostKind {
  readonly label: string;
  /** As the wire says it. */
  readonly protocol: "1.0" | "2.0" | "3.0";
  /** AimX 1 only: events carry the host's time, rows their dates, and losses are not visible. */
  readonly tellsTime: boolean;
  start(socketPath: string, periodMs: number): Promise<Host>;
}

export interface Host {
  /** As a crash would: the socket file stays. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Answers nothing any more, until it goes on. */
  hang(): void;
  goOn(): void;
  /** What the application took from its `device.command` mailbox, as text that holds `op` and `n`. */
  commandsTaken(): string[];
}

export function simulatedHost(protocol: HostKind["protocol"]): HostKind {
  return {
    label: `simulated AimX ${protocol}`,
    protocol,
    tellsTime: protocol === "1.0",
    start: async (socketPath, periodMs) => {
      const simulator = await startSimulator({ socketPath, aimx: protocol, periodMs });
      return {
        kill: () => simulator.close({ leaveSocketFile: true }),
        stop: () => simulator.close(),
        hang: () => simulator.setFaults({ hang: true }),
        goOn: () => simulator.setFaults({}),
        commandsTaken: () => commandsOf(simulator),
      };
    },
  };
}

function commandsOf(simulator: Simulator): string[] {
  const taken = simulator.database.find("device.command")?.lastTapped;
  const asText = (_key: string, value: unknown) =>
    typeof value === "bigint" ? String(value) : value;
  return taken === undefined ? [] : [JSON.stringify(taken, asText)];
}

export function realHost(binary: string, protocol: "1.0" | "3.0"): HostKind {
  return {
    label: `real AimDB, AimX ${protocol}`,
    protocol,
    tellsTime: protocol === "1.0",
    start: (socketPath, periodMs) => startRealHost(binary, socketPath, periodMs),
  };
}

async function startRealHost(binary: string, socketPath: string, periodMs: number): Promise<Host> {
  const child = spawn(binary, [socketPath, "--period-ms", String(periodMs)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const commands: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    const command = /^device\.command (.*)$/.exec(line)?.[1];
    if (command !== undefined) commands.push(command);
  });
  await once(createInterface({ input: child.stdout }), "line");
  return {
    kill: () => end(child, "SIGKILL"),
    stop: () => end(child, "SIGTERM"),
    hang: () => void child.kill("SIGSTOP"),
    goOn: () => void child.kill("SIGCONT"),
    commandsTaken: () => commands,
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
