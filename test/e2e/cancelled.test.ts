/** Clients that go away while their calls wait, at `npm start`: whose places are free at once. */
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
import { waitFor } from "../../worker/selfhost/wait-for.ts";
import { runAdmin } from "../support/admin-command.ts";
import { connectClient, type ConnectedClient } from "../support/mcp.ts";
import { NpmProcess } from "../support/npm-process.ts";
import { RelayProcess } from "../support/relay-process.ts";
import { untilStatus } from "../support/test-bed.ts";

interface StartLine {
  readonly mcpUrl: string;
  readonly dashboardUrl: string;
  readonly adminToken: string;
}

let folder: string;
let host: Simulator;
let server: NpmProcess;
let line: StartLine;
let relay: RelayProcess;
let token: string;
let client: ConnectedClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-cancelled-"));
  const socketPath = join(folder, "plant.sock");
  host = await startSimulator({ socketPath, aimx: "3.0", periodMs: 100 });
  server = new NpmProcess("start", ["--port", "0", "--state", join(folder, "state"), "--json"]);
  line = await server.firstLine<StartLine>();
  relay = await RelayProcess.enroll(
    {
      folder: join(folder, "relay"),
      name: "gw-1",
      config: { allowed_sockets: [socketPath], audit_log: join(folder, "device.log") },
    },
    { url: new URL(line.mcpUrl), joinToken: await admin("join-token") },
  );
  relay.start();
  token = await admin("access-token");
  client = await connectClient(new URL(line.mcpUrl), token);
  await untilStatus(client, "gw-1/plant", "up");
});

afterAll(async () => {
  await client?.close();
  await relay?.stop();
  await server?.end("npm").catch(() => {});
  await host?.close();
  await rm(folder, { recursive: true, force: true });
});

function admin(...args: string[]): Promise<string> {
  return runAdmin(line, args);
}

/** Nobody writes it, so that who waits for it waits long. */
const RECORD = { instance: "gw-1/plant", record_name: "app.settings" };

async function begin(meta?: object): Promise<Socket> {
  const { hostname, port, host: name } = new URL(line.mcpUrl);
  const params = { name: "subscribe_record", arguments: RECORD, _meta: meta };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.resume();
  socket.write(
    [
      "POST /mcp HTTP/1.1",
      `host: ${name}`,
      `authorization: Bearer ${token}`,
      "content-type: application/json",
      "accept: application/json, text/event-stream",
      "mcp-protocol-version: 2025-11-25",
      `content-length: ${body.length}`,
      "",
      body,
    ].join("\r\n"),
  );
  return socket;
}

/** Whether as many subscriptions are held as there may be. */
async function areHeld(by: number): Promise<true | undefined> {
  const log = await readFile(join(folder, "device.log"), "utf8");
  const opened = log.split("\n").filter((entry) => entry.includes('"samples.read"'));
  return opened.length >= by ? true : undefined;
}

async function outcomes(): Promise<string[]> {
  const text = await admin("activity", "--json", "--action", "tool.subscribe_record");
  const { activity } = JSON.parse(text) as { activity: { outcome: string }[] };
  return activity.map(({ outcome }) => outcome);
}

test("five who wait and go leave their places to five others", async () => {
  const sockets = await Promise.all([1, 2, 3, 4, 5].map(() => begin()));
  expect(await waitFor(10_000, () => areHeld(5))).toBe(true);
  const sixth = await client.call("subscribe_record", RECORD);
  for (const socket of sockets) socket.resetAndDestroy();
  const again = { ...RECORD, duration_seconds: 1 };
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map(() => client.call("subscribe_record", again)),
  );

  expect(sixth.json.error).toMatchObject({ code: "too_many_subscriptions" });
  expect(answers.map(({ json }) => json)).toMatchObject(answers.map(() => ({ complete: true })));
  const gone = async () => (await outcomes()).filter((outcome) => outcome === "cancelled");
  await expect.poll(gone, { timeout: 10_000 }).toHaveLength(5);
  expect(await readFile(join(folder, "device.log"), "utf8")).toContain('"outcome":"cancelled"');
});

test("a client that just closes its connection leaves its place within some seconds", async () => {
  const socket = await begin();
  socket.destroy();
  const gone = async () => (await outcomes()).filter((outcome) => outcome === "cancelled");

  await expect.poll(gone, { timeout: 15_000 }).toHaveLength(6);
});
