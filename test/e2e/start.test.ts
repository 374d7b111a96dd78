/** `npm start`: the self-hosted worker, with a relay on "another machine". */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectPath } from "../../worker/selfhost/project.ts";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
import { fencesOf } from "../support/markdown.ts";
import { connectClient, type ConnectedClient } from "../support/clients/mcp.ts";
import { isRunning, NpmProcess } from "../support/processes/npm-process.ts";
import { RelayProcess } from "../support/processes/relay-process.ts";
import { postAdmin } from "../support/clients/admin-api.ts";
import { untilStatus } from "../support/processes/test-bed.ts";

const run = promisify(execFile);

interface StartLine {
  readonly mcpUrl: string;
  readonly tokenMcpUrl: string;
  readonly adminToken?: string;
  readonly pids: { worker: number };
}

let folder: string;
let host: Simulator;
let server: NpmProcess;
let line: StartLine;
let relay: RelayProcess;
let client: ConnectedClient;
let accessToken: string;

async function start(port: string): Promise<StartLine> {
  const state = join(folder, "state");
  const args = ["--port", port, "--state", state, "--trusted-proxies", "1", "--json"];
  server = new NpmProcess("start", args);
  return server.firstLine<StartLine>();
}

async function createToken(path: string, body: unknown): Promise<string> {
  const response = await postAdmin(new URL(path, line.mcpUrl), body, line.adminToken);
  return ((await response.json()) as { token: string }).token;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-start-"));
  const socketPath = join(folder, "plant.sock");
  host = await startSimulator({ socketPath, aimx: "3.0", periodMs: 100 });
  line = await start("0");
  relay = await RelayProcess.enroll(
    { folder: join(folder, "relay"), name: "gw", config: { allowed_sockets: [socketPath] } },
    { url: new URL(line.mcpUrl), joinToken: await createToken("/api/v1/join-tokens", {}) },
  );
  relay.start();
  accessToken = await createToken("/api/v1/access-tokens", {});
  client = await connectClient(new URL(line.mcpUrl), accessToken);
  await untilStatus(client, "gw/plant", "up");
});

afterAll(async () => {
  await client?.close();
  await relay?.stop();
  await server?.end("npm").catch(() => {});
  await host?.close();
  await rm(folder, { recursive: true, force: true });
});

test("a first start that can't begin makes no admin token, which nobody would see", async () => {
  const state = join(folder, "second");
  const args = [projectPath("worker/selfhost/start.ts"), "--state", state];

  await expect(
    run(process.execPath, [...args, "--port", new URL(line.mcpUrl).port]),
  ).rejects.toThrow("is in use. Choose another with --port");
  await expect(stat(state)).rejects.toThrow("ENOENT");
});

const read = () => client.call("get_record", { instance: "gw/plant", record_name: "app.readonly" });

/** With a Host header of its own, which fetch does not allow. */
function statusOf(url: URL, hostHeader: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host: hostHeader } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("a relay whose config opens nothing is read-only", async () => {
  const writer = await connectClient(
    new URL(line.mcpUrl),
    await createToken("/api/v1/access-tokens", { scopes: ["aimdb:write"] }),
  );
  const { json } = await writer.call("set_record", {
    instance: "gw/plant",
    record_name: "app.settings",
    value: { log_level: "x", max: 1 },
  });
  await writer.close();

  expect((await read()).json.value).toEqual({ up: 7 });
  expect(json).toMatchObject({ outcome: "refused", error: { code: "refused_by_device" } });
});

test("no secret stands in the state folder in the clear", async () => {
  const install = await readFile(join(folder, "state", "install.json"), "utf8");
  const config = await readFile(join(folder, "state", "worker", "workerd.capnp"), "utf8");

  expect(line.adminToken).toMatch(/^aimdb_admin_/);
  expect(install + config).not.toContain(line.adminToken);
});

test("the token origin answers MCP and has no OAuth discovery", async () => {
  const tokenClient = await connectClient(new URL(line.tokenMcpUrl), accessToken);
  const { json } = await tokenClient.call("discover_instances");
  await tokenClient.close();
  const wellKnown = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server",
  ];

  expect(json.instances).toHaveLength(1);
  for (const path of wellKnown) {
    expect((await fetch(new URL(path, line.tokenMcpUrl))).status).toBe(404);
  }
});

/** What a documented script prints. */
async function runDocumented(document: string, info: string): Promise<string> {
  const [script = ""] = fencesOf(await readFile(projectPath(document), "utf8"), info);
  const { stdout } = await run("bash", ["-ec", script], {
    env: {
      PATH: process.env["PATH"],
      AIMDB_URL: new URL(line.mcpUrl).origin,
      AIMDB_TOKEN: line.adminToken,
    },
  });
  return stdout;
}

test("docs/worker.md's calls of the management API work as they stand", async () => {
  const stdout = await runDocumented("docs/worker.md", "sh api");

  expect(stdout.match(/"token":"aimdb_(join|pat)_[^"]+"/g)).toHaveLength(2);
});

test("docs/writes.md's policy is taken, and read back", async () => {
  const stdout = await runDocumented("docs/writes.md", "sh policy");

  expect(stdout.match(/"writes_per_minute":20/g)).toHaveLength(2);
});

test("behind a trusted proxy each caller has limits of their own, whatever they write", async () => {
  const register = async (forwarded: string) => {
    const response = await fetch(new URL("/oauth/register", line.mcpUrl), {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": forwarded },
      body: JSON.stringify({ redirect_uris: ["http://127.0.0.1:33418/callback"] }),
    });
    return response.status;
  };
  const statuses = [];
  for (let n = 0; n < 11; n += 1) statuses.push(await register(`203.0.113.${n}, 198.51.100.1`));

  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 201), 429]);
  expect(await register("198.51.100.2")).toBe(201);
});

test("another Host is refused, whatever address it came to", async () => {
  const home = new URL("/", line.mcpUrl);

  expect(await statusOf(home, "evil.example")).toBe(421);
  expect(await statusOf(home, `localhost:${home.port}`)).toBe(200);
  expect(await statusOf(new URL("/health", home), "10.1.2.3")).toBe(200);
});

test("a worker that is killed between two calls of a client answers the next", async () => {
  expect((await read()).isError).toBe(false);

  process.kill(line.pids.worker, "SIGKILL");
  await expect
    .poll(
      () =>
        read().then(
          ({ json }) => json.value,
          () => undefined,
        ),
      { timeout: 30_000 },
    )
    .toEqual({ up: 7 });
});

test("a restart keeps relays and tokens, and shows no admin token again", async () => {
  const { port } = new URL(line.mcpUrl);
  const exit = await server.end("npm");

  const again = await start(port);
  await untilStatus(client, "gw/plant", "up");

  expect(exit).toMatchObject({ code: 0, signal: null });
  expect(exit.afterMs).toBeLessThan(5_000);
  expect(isRunning(line.pids.worker)).toBe(false);
  expect(again.adminToken).toBeUndefined();
  expect((await read()).json.value).toEqual({ up: 7 });
  expect(
    (await postAdmin(new URL("/api/v1/join-tokens", again.mcpUrl), {}, line.adminToken)).status,
  ).toBe(201);
});

test("a server open to others must know its public address", async () => {
  const open = new NpmProcess("start", ["--port", "0", "--host", "0.0.0.0", "--state", folder]);

  expect((await open.exit()).code).toBe(1);
  expect(open.errors).toContain("--public-url");
});
