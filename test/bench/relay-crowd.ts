/** Many relays in one process, over real links: each enrolls, greets and answers `record.get` from memory. */
import { WebSocket } from "ws";
import { LINK_PATH } from "#shared/link/enrollment.ts";
import { HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import { HEARTBEAT_INTERVAL_MS } from "#shared/link/limits.ts";
import { LINK_SUBPROTOCOL } from "#shared/link/version.ts";
import { postAdmin } from "../support/clients/admin-api.ts";
import { Device } from "../support/link/link-peer.ts";
import { NpmProcess, WITHOUT_CALL_LIMITS } from "../support/processes/npm-process.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface StartLine {
  readonly mcpUrl: string;
  readonly adminToken: string;
  readonly pids: { worker: number };
}

/** Of relays that enroll at a time. */
const BATCH = 20;

export class RelayCrowd {
  readonly url: URL;
  readonly token: string;
  readonly workerPid: number;
  readonly #adminToken: string;
  readonly #worker: NpmProcess;
  readonly #folder: string;
  /** How much later its relays answer, each for itself: as behind lines that take so long there and back. */
  lineMs = 0;
  readonly #links: WebSocket[] = [];
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(worker: NpmProcess, line: StartLine, own: { token: string; folder: string }) {
    this.#worker = worker;
    this.url = new URL(line.mcpUrl);
    this.token = own.token;
    this.workerPid = line.pids.worker;
    this.#adminToken = line.adminToken;
    this.#folder = own.folder;
    this.#heartbeat = setInterval(() => {
      for (const link of this.#links) link.send(HEARTBEAT_REQUEST);
    }, HEARTBEAT_INTERVAL_MS);
  }

  static async open(): Promise<RelayCrowd> {
    const folder = await mkdtemp(join(tmpdir(), "aimdb-bench-crowd-"));
    const worker = new NpmProcess("start", [
      "--port",
      "0",
      "--json",
      "--state",
      folder,
      ...WITHOUT_CALL_LIMITS,
    ]);
    const line = await worker.firstLine<StartLine>();
    const body = { scopes: ["aimdb:read"], label: "bench" };
    const token = await createToken(
      new URL("/api/v1/access-tokens", line.mcpUrl),
      line.adminToken,
      body,
    );
    return new RelayCrowd(worker, line, { token, folder });
  }

  get size(): number {
    return this.#links.length;
  }

  instance(n: number): string {
    return `crowd-${n}/plant`;
  }

  async growTo(size: number): Promise<void> {
    while (this.#links.length < size) {
      const count = Math.min(BATCH, size - this.#links.length);
      const first = this.#links.length;
      const added = await Promise.all(
        Array.from({ length: count }, (_, i) => this.#connect(`crowd-${first + i}`)),
      );
      this.#links.push(...added);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    for (const link of this.#links) link.terminate();
    await this.#worker.end("npm");
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #connect(name: string): Promise<WebSocket> {
    const joinToken = await createToken(
      new URL("/api/v1/join-tokens", this.url),
      this.#adminToken,
      {},
    );
    const device = await Device.enroll(this.url, joinToken, name);
    return dial(new URL(LINK_PATH, this.url), await device.token(), () => this.lineMs);
  }
}

function dial(address: URL, token: string, lineMs: () => number): Promise<WebSocket> {
  const url = new URL(address);
  url.protocol = "ws:";
  const link = new WebSocket(url, LINK_SUBPROTOCOL, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    link.on("error", reject);
    link.on("open", () => link.send(JSON.stringify(HELLO)));
    link.on("message", (data: Buffer) => {
      const text = data.toString("utf8");
      if (text === HEARTBEAT_RESPONSE) return;
      const frames = text.split("\n").map((line) => readFrame(line));
      if (frames.some(({ t }) => t === "welcome")) {
        link.send(JSON.stringify(INVENTORY));
        resolve(link);
      }
      const answers = frames.filter(({ t }) => t === "req").map(answerTo);
      if (answers.length === 0) return;
      const send = () => link.send(answers.map((one) => JSON.stringify(one)).join("\n"));
      if (lineMs() === 0) send();
      else setTimeout(send, lineMs());
    });
  });
}

interface Frame {
  readonly t: string;
  readonly id: string;
  readonly instance: string;
}

function readFrame(line: string): Frame {
  return JSON.parse(line) as Frame;
}

const HELLO = {
  t: "hello",
  versions: { min: 1, max: 1 },
  relay_version: "bench",
  clock_ms: 0,
};

const INVENTORY = {
  t: "inventory",
  confirm_writes: "never",
  instances: [
    {
      name: "plant",
      socket_path: "/plant.sock",
      state: "up",
      record_count: 1,
      writable_count: 0,
      records: [{ key: "app.readonly", type_name: "bench::Status" }],
    },
  ],
  skipped: [],
};

function answerTo({ id, instance }: Frame): unknown {
  const sample = { value: { up: 7 }, at_ms: 0, time_source: "observed", sequence: 1, epoch: "e.0" };
  return {
    t: "reply",
    id,
    instance,
    ok: { record_key: "app.readonly", loss: "counted", sample },
  };
}

async function createToken(url: URL, adminToken: string, body: unknown): Promise<string> {
  const response = await postAdmin(url, body, adminToken);
  return ((await response.json()) as { token: string }).token;
}
