/** A simulated AimDB host at a Unix socket. */

import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { systemClock } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { Connection } from "./connection.ts";
import { Database } from "./database/database.ts";
import { demoRecords } from "./database/demo-records.ts";
import type { RecordDefinition } from "./database/record-definition.ts";
import type { Faults } from "./faults.ts";
import { defaultHostConfig } from "./host-config.ts";
import type { AimxVersion, HostConfig } from "./host-config.ts";
import type { Input } from "./json/value.ts";
import { startProducers } from "./producers.ts";
import type { Producers } from "./producers.ts";
import { SocketFile } from "./socket-file.ts";
import { openSession } from "./wire/open-session.ts";
import type { Host } from "./wire/session.ts";
import { settle } from "./wire/settle.ts";

export type SimulatorOptions = {
  readonly socketPath: string;
  readonly aimx: AimxVersion;
  /** How often sources produce; 0 for never. */
  readonly periodMs?: number;
  readonly records?: readonly RecordDefinition[];
  readonly config?: Partial<Omit<HostConfig, "aimx">>;
  readonly faults?: Faults;
  readonly clock?: Clock;
};

const DEFAULT_PERIOD_MS = 500;

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const simulator = new Simulator(options);
  await simulator.listen();
  return simulator;
}

export class Simulator {
  readonly socketPath: string;
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #socketFile: SocketFile;
  readonly #periodMs: number;
  readonly #connections = new Set<Connection>();
  readonly #requests = new Map<string, number>();
  #producers: Producers | undefined;
  #faults: Faults;
  #acceptedCount = 0;
  #refusedCount = 0;
  #isSettling = false;

  constructor(options: SimulatorOptions) {
    const { socketPath, aimx, records = demoRecords(), periodMs = DEFAULT_PERIOD_MS } = options;
    this.socketPath = socketPath;
    this.#clock = options.clock ?? systemClock();
    this.#host = {
      config: { ...defaultHostConfig(aimx), ...options.config },
      database: new Database(records, this.#clock()),
    };
    this.#faults = options.faults ?? {};
    this.#periodMs = periodMs;
    // A client may end its side and still wait for replies.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#accept(socket);
    });
    this.#socketFile = new SocketFile(socketPath);
  }

  get aimx(): AimxVersion {
    return this.#host.config.aimx;
  }

  get database(): Database {
    return this.#host.database;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  get acceptedCount(): number {
    return this.#acceptedCount;
  }

  /** Accepted and dropped at once, over the cap. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** How often each method was answered, or would have been but for a fault. */
  get requestCounts(): ReadonlyMap<string, number> {
    return this.#requests;
  }

  async listen(): Promise<void> {
    await this.#socketFile.bind(this.#server);
    this.#producers = startProducers({
      database: this.database,
      periodMs: this.#periodMs,
      clock: this.#clock,
      onProduced: () => {
        this.#settle();
      },
    });
  }

  /** As if the application produced it now. */
  produce(key: string, value: Input): void {
    this.database.produce(key, value, this.#clock());
    this.#settle();
  }

  /** Replaces all of them; replies already counted stay counted. */
  setFaults(faults: Faults): void {
    this.#faults = faults;
    this.#settle();
  }

  /** Cuts every connection; new ones are accepted. */
  dropConnections(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** `leaveSocketFile`: as a host that was killed, with a file that nobody listens at. */
  async close({ leaveSocketFile = false } = {}): Promise<void> {
    this.#producers?.stop();
    this.dropConnections();
    await this.#socketFile.release(this.#server, leaveSocketFile);
  }

  #accept(socket: Socket): void {
    this.#acceptedCount += 1;
    const { aimx, maxConnections } = this.#host.config;
    if (aimx !== "1.0" && this.#connections.size >= maxConnections) {
      this.#refusedCount += 1;
      socket.destroy();
      return;
    }
    const connection = new Connection({
      socket,
      session: openSession(this.#host),
      clock: this.#clock,
      faults: () => this.#faults,
      onRequest: (method) => {
        this.#requests.set(method, (this.#requests.get(method) ?? 0) + 1);
      },
      onTurn: () => {
        this.#settle();
      },
      onClose: () => {
        this.#connections.delete(connection);
      },
    });
    this.#connections.add(connection);
  }

  #settle(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    settle(this.#host, this.#clock(), () => {
      for (const connection of this.#connections) connection.pump();
    });
    this.#isSettling = false;
  }
}
