/** Simulated AimDB hosts at sockets of their own, gone when the test is over. */
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { RecordDefinition } from "../../../../worker/selfhost/simulator/database/record-definition.ts";
import {
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from "../../../../worker/selfhost/simulator/server.ts";
import { freshFolder } from "../device/fresh-folder.ts";

export const VERSIONS = ["1.0", "2.0", "3.0"] as const;
export type Version = (typeof VERSIONS)[number];

export type HostOptions = Partial<SimulatorOptions> & Pick<SimulatorOptions, "aimx">;

/** Produces nothing by itself. */
export async function startHost(options: HostOptions): Promise<Simulator> {
  const socketPath = options.socketPath ?? join(await freshFolder(), "host.sock");
  const host = await startSimulator({ periodMs: 0, ...options, socketPath });
  onTestFinished(() => host.close());
  return host;
}

/** The same path served anew, as when the application was restarted. */
export async function restart(
  host: Simulator,
  more: Partial<HostOptions> = {},
): Promise<Simulator> {
  await host.close({ leaveSocketFile: true });
  return startHost({ aimx: host.aimx, ...more, socketPath: host.socketPath });
}

const N = { struct: { n: "u64" } } as const;

export function ring(key: string, more: Partial<RecordDefinition> = {}): RecordDefinition {
  const buffer = { kind: "spmc_ring", capacity: 64 } as const;
  return { key, typeName: `host::${key}`, shape: N, buffer, ...more };
}

export function latest(key: string, more: Partial<RecordDefinition> = {}): RecordDefinition {
  return { ...ring(key), buffer: { kind: "single_latest" }, writable: true, ...more };
}

export function mailbox(key: string, more: Partial<RecordDefinition> = {}): RecordDefinition {
  return { ...ring(key), buffer: { kind: "mailbox" }, writable: true, taps: 1, ...more };
}
