/** A team's log on `npm start`, beside the log of the device that was asked. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
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

interface Line {
  readonly action: string;
  readonly target: string | null;
  readonly outcome: string;
  readonly call_id: string;
}

let folder: string;
let host: Simulator;
let server: NpmProcess;
let line: StartLine;
let relay: RelayProcess;
let client: ConnectedClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-activity-"));
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
  client = await connectClient(new URL(line.mcpUrl), await admin("access-token"));
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

async function activityOf(...filter: string[]): Promise<Line[]> {
  return (JSON.parse(await admin("activity", "--json", ...filter)) as { activity: Line[] })
    .activity;
}

/** Call ids in the device's own log. */
async function deviceCalls(method: string): Promise<string[]> {
  const lines = (await readFile(join(folder, "device.log"), "utf8")).trim().split("\n");
  const entries = lines.map((text) => JSON.parse(text) as { method: string; call_id: string });
  return [...new Set(entries.flatMap((one) => (one.method === method ? [one.call_id] : [])))];
}

test.each([
  ["get_record", "record.get"],
  ["drain_record", "samples.read"],
])("%s is in the team's log, and its id begins those in the device's", async (tool, method) => {
  await client.call(tool, { instance: "gw-1/plant", record_name: "app.readonly" });

  const find = () => activityOf("--action", `tool.${tool}`);
  await expect.poll(find, { timeout: 10_000 }).toHaveLength(1);
  const [noted] = await find();
  expect(noted).toMatchObject({ target: "gw-1/plant", outcome: "ok" });
  const calls = await deviceCalls(method);
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.every((id) => id.startsWith(noted?.call_id ?? "none"))).toBe(true);
});

test("the device that enrolled is in the log, and who made its token", async () => {
  expect(await activityOf("--target", "gw-1", "--action", "relay.enroll")).toHaveLength(1);
  expect(await activityOf("--action", "join_token.create", "--principal", "operator")).toHaveLength(
    1,
  );
});

test("the log verifies, and is exported with the hash that verifying names", async () => {
  const verified = await admin("activity", "verify", "--json");
  const { intact, checked, newest } = JSON.parse(verified) as {
    intact: boolean;
    checked: number;
    newest: { seq: number; hash: string };
  };
  const lines = (await admin("activity", "export")).split("\n");

  expect(intact).toBe(true);
  expect(lines.length).toBeGreaterThanOrEqual(checked);
  expect(lines.map((text) => JSON.parse(text) as { seq: number; hash: string })).toContainEqual(
    expect.objectContaining(newest),
  );
});

test("settings say how long the log is kept, and are changed one at a time", async () => {
  await admin("settings", "set", "--retention-days", "30");

  expect(await admin("settings")).toBe("retention_days\t30\naudit_reads\tbatched");
});
