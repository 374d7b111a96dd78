/** `npm start`, a simulator and its enrolled relay, as the README has them on two machines: `gw-1/plant`, and its log. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "../../../worker/selfhost/simulator/server.ts";
import { runAdmin } from "../clients/admin-command.ts";
import { connectClient, type ConnectedClient } from "../clients/mcp.ts";
import { NpmProcess } from "./npm-process.ts";
import { RelayProcess } from "./relay-process.ts";
import { untilStatus } from "./test-bed.ts";

interface StartLine {
  readonly mcpUrl: string;
  readonly dashboardUrl: string;
  readonly adminToken: string;
}

interface Opened {
  readonly line: StartLine;
  readonly accessToken: string;
  readonly client: ConnectedClient;
  readonly deviceLogPath: string;
}

type Close = () => Promise<unknown>;

export class Installation {
  readonly #opened: Opened;
  /** What was opened last ends first. */
  readonly #closing: readonly Close[];

  private constructor(opened: Opened, closing: readonly Close[]) {
    this.#opened = opened;
    this.#closing = closing;
  }

  static async open({ periodMs = 100 } = {}): Promise<Installation> {
    const closing: Close[] = [];
    try {
      return new Installation(await open(periodMs, (close) => closing.unshift(close)), closing);
    } catch (error) {
      for (const close of closing) await close();
      throw error;
    }
  }

  get mcpUrl(): URL {
    return new URL(this.#opened.line.mcpUrl);
  }

  get accessToken(): string {
    return this.#opened.accessToken;
  }

  get client(): ConnectedClient {
    return this.#opened.client;
  }

  /** What `npm run admin` prints. */
  admin(...args: string[]): Promise<string> {
    return runAdmin(this.#opened.line, args);
  }

  /** The device's own audit log. */
  deviceLog(): Promise<string> {
    return readFile(this.#opened.deviceLogPath, "utf8");
  }

  async close(): Promise<void> {
    for (const close of this.#closing) await close();
  }
}

async function open(periodMs: number, later: (close: Close) => void): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), "aimdb-installation-"));
  later(() => rm(folder, { recursive: true, force: true }));
  const socketPath = join(folder, "plant.sock");
  const host = await startSimulator({ socketPath, aimx: "3.0", periodMs });
  later(() => host.close());
  const state = join(folder, "state");
  const server = new NpmProcess("start", ["--port", "0", "--state", state, "--json"]);
  later(() => server.end("npm").catch(() => {}));
  const line = await server.firstLine<StartLine>();
  const url = new URL(line.mcpUrl);
  const deviceLogPath = join(folder, "device.log");
  const relay = await RelayProcess.enroll(
    {
      folder: join(folder, "relay"),
      name: "gw-1",
      config: { allowed_sockets: [socketPath], audit_log: deviceLogPath },
    },
    { url, joinToken: await runAdmin(line, ["join-token"]) },
  );
  relay.start();
  later(() => relay.stop());
  const accessToken = await runAdmin(line, ["access-token"]);
  const client = await connectClient(url, accessToken);
  later(() => client.close());
  await untilStatus(client, "gw-1/plant", "up");
  return { line, accessToken, client, deviceLogPath };
}
