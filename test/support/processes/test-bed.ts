/** A worker, a relay and simulated hosts, for tests that are about what happens between them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordDefinition } from "../../../worker/selfhost/simulator/database/record-definition.ts";
import { startSimulator, type Simulator } from "../../../worker/selfhost/simulator/server.ts";
import { waitFor } from "../../../worker/selfhost/process/wait-for.ts";
import { connectClient, type ConnectedClient } from "../clients/mcp.ts";
import { RelayProcess } from "./relay-process.ts";
import { startTestWorker, type TestWorker } from "./test-worker.ts";

export class TestBed {
  readonly folder: string;
  readonly worker: TestWorker;
  readonly #ending: (() => Promise<unknown>)[] = [];

  private constructor(folder: string, worker: TestWorker) {
    this.folder = folder;
    this.worker = worker;
  }

  /** `settings` are variables of the worker. */
  static async open(settings: Readonly<Record<string, string>> = {}): Promise<TestBed> {
    const folder = await mkdtemp(join(tmpdir(), "aimdb-e2e-"));
    return new TestBed(folder, await startTestWorker(undefined, settings));
  }

  /** Its relay `gw` serves the host `plant`, which is up. */
  static async withPlant(): Promise<TestBed> {
    const bed = await TestBed.open();
    await bed.host("plant");
    await bed.relay("gw", ["plant"]);
    await untilStatus(await bed.client(), "gw/plant", "up");
    return bed;
  }

  socket(name: string): string {
    return join(this.folder, `${name}.sock`);
  }

  async host(
    name: string,
    aimx: "1.0" | "3.0" = "3.0",
    periodMs = 100,
    records?: readonly RecordDefinition[],
  ): Promise<Simulator> {
    const socketPath = this.socket(name);
    const own = records === undefined ? {} : { records };
    const simulator = await startSimulator({ socketPath, aimx, periodMs, ...own });
    this.onClose(() => simulator.close());
    return simulator;
  }

  /** Enrolled and started; it serves exactly the named sockets, all records open for writing. */
  async relay(
    name: string,
    sockets: readonly string[],
    {
      team,
      config = {},
      starts = true,
      variables = {},
      node,
    }: {
      team?: string;
      config?: Record<string, unknown>;
      starts?: boolean;
      variables?: Readonly<Record<string, string>>;
      node?: string;
    } = {},
  ): Promise<RelayProcess> {
    const joinToken = await this.worker.createJoinToken(team === undefined ? {} : { team });
    const relay = await RelayProcess.enroll(
      {
        folder: join(this.folder, `relay-${name}`),
        name,
        variables,
        ...(node === undefined ? {} : { node }),
        config: {
          allowed_sockets: sockets.map((socket) => this.socket(socket)),
          writable_records: ["*"],
          confirm_writes: false,
          rate_limit: 0,
          ...config,
        },
      },
      { url: this.worker.url, joinToken },
    );
    if (starts) relay.start();
    this.onClose(() => relay.stop());
    return relay;
  }

  async client(options: { scopes?: string[]; team?: string } = {}): Promise<ConnectedClient> {
    const token = await this.worker.createAccessToken(options);
    const client = await connectClient(this.worker.mcpUrl, token);
    this.onClose(() => client.close());
    return client;
  }

  onClose(end: () => Promise<unknown>): void {
    this.#ending.push(end);
  }

  async close(): Promise<void> {
    for (const end of this.#ending.splice(0).reverse()) await end();
    await this.worker.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Until the instance has the status; the last row seen is in the error. */
export async function untilStatus(
  client: ConnectedClient,
  instance: string,
  status: "up" | "down" | "offline",
): Promise<Record<string, unknown>> {
  let seen: unknown;
  const row = await waitFor(20_000, async () => {
    const { json } = await client.call("discover_instances");
    seen = json.instances;
    return json.instances.find(
      (candidate: { instance: string; status: string }) =>
        candidate.instance === instance && candidate.status === status,
    );
  });
  if (row === undefined) throw new Error(`${instance} is not ${status}: ${JSON.stringify(seen)}`);
  return row;
}
