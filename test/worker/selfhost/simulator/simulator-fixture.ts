/** Simulators at sockets of their own, gone when the test is over. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startSimulator } from "../../../../worker/selfhost/simulator/server.ts";
import type { Simulator, SimulatorOptions } from "../../../../worker/selfhost/simulator/server.ts";
import { SocketClient } from "./socket-client.ts";

export async function freshSocketPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "aimdb-simulator-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "host.sock");
}

export async function start(
  options: Partial<SimulatorOptions> & Pick<SimulatorOptions, "aimx">,
): Promise<Simulator> {
  const socketPath = options.socketPath ?? (await freshSocketPath());
  const simulator = await startSimulator({ periodMs: 0, ...options, socketPath });
  onTestFinished(() => simulator.close());
  return simulator;
}

export async function connectTo(path: string): Promise<SocketClient> {
  const client = new SocketClient(path);
  onTestFinished(() => {
    client.destroy();
  });
  return await client.connected();
}

/** A client that an AimX v1 host has welcomed. */
export async function greetedBy(path: string): Promise<SocketClient> {
  const client = await connectTo(path);
  await client.ask('{"version":"1.0","client":"test"}');
  return client;
}
