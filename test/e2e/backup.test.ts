/** A backup of a worker's state folder and of a relay's: what starts from the copies is what was copied. */
import { cp, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
import { connectClient } from "../support/clients/mcp.ts";
import { NpmProcess } from "../support/processes/npm-process.ts";
import { RelayProcess } from "../support/processes/relay-process.ts";
import { untilStatus } from "../support/processes/test-bed.ts";
import { postAdmin } from "../support/clients/admin-api.ts";

interface StartLine {
  readonly mcpUrl: string;
  readonly adminToken?: string;
}

let folder: string;
let host: Simulator;
let server: NpmProcess;
let relay: RelayProcess;
let mcpUrl: URL;
let adminToken: string;
let ourTeam: string;
let tokens: { ours: string; theirs: string };

const path = (name: string) => join(folder, name);

async function start(state: string, port: string): Promise<StartLine> {
  server = new NpmProcess("start", ["--port", port, "--state", path(state), "--json"]);
  return server.firstLine<StartLine>();
}

async function create(what: string, body: unknown): Promise<Record<string, string>> {
  const response = await postAdmin(new URL(`/api/v1/${what}`, mcpUrl), body, adminToken);
  if (response.status !== 201) throw new Error(`${what}: ${response.status}`);
  return (await response.json()) as Record<string, string>;
}

/** What the token's owner sees, once the relay is up where it should be. */
async function seenWith(token: string, isUpThere: boolean): Promise<unknown> {
  const client = await connectClient(mcpUrl, token);
  try {
    if (isUpThere) await untilStatus(client, "gw/plant", "up");
    return (await client.call("discover_instances")).json.instances;
  } finally {
    await client.close();
  }
}

function relayOptions(name: string) {
  return { folder: path(name), name: "gw", config: { allowed_sockets: [path("plant.sock")] } };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-backup-"));
  host = await startSimulator({ socketPath: path("plant.sock"), aimx: "3.0", periodMs: 100 });
  const line = await start("worker", "0");
  mcpUrl = new URL(line.mcpUrl);
  adminToken = line.adminToken ?? "";
  const { token: ours = "", team = "" } = await create("access-tokens", {});
  const { id: other } = await create("teams", { name: "Other" });
  const { token: theirs = "" } = await create("access-tokens", { team: other });
  tokens = { ours, theirs };
  ourTeam = team;
  const { token: joinToken = "" } = await create("join-tokens", { team });
  relay = await RelayProcess.enroll(relayOptions("relay"), { url: mcpUrl, joinToken });
  relay.start();
});

afterAll(async () => {
  await relay?.stop();
  await server?.end("npm").catch(() => {});
  await host?.close();
  await rm(folder, { recursive: true, force: true });
});

test("copies of both folders, started elsewhere, keep teams, tokens, relays and names", async () => {
  const before = await seenWith(tokens.ours, true);
  await relay.stop();
  await server.end("npm");
  for (const name of ["worker", "relay"]) {
    await cp(path(name), path(`copy-of-${name}`), { recursive: true, preserveTimestamps: true });
    await rm(path(name), { recursive: true });
  }

  const line = await start("copy-of-worker", mcpUrl.port);
  relay = RelayProcess.of(relayOptions("copy-of-relay"));
  relay.start();

  expect(line.adminToken).toBeUndefined();
  expect(await seenWith(tokens.ours, true)).toEqual(before);
  expect(await seenWith(tokens.theirs, false)).toEqual([]);
  expect(await create("join-tokens", { team: ourTeam })).toMatchObject({
    token: expect.any(String),
  });
  expect(relay.log).not.toContain("relay_refused");
});

test("a copy holds no token in the clear, and only its owner may read it", async () => {
  const install = await readFile(path("copy-of-worker/install.json"), "utf8");
  const key = await stat(path("copy-of-relay/state/key.json"));

  for (const secret of [adminToken, tokens.ours, tokens.theirs]) {
    expect(install).not.toContain(secret);
  }
  expect(key.mode & 0o077).toBe(0);
});
