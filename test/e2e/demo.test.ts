/** `npm run demo`, as a script outside the project uses it. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startSimulator } from "../../worker/selfhost/simulator/server.ts";
import { projectPath } from "../../worker/selfhost/project.ts";
import { fencesOf } from "../support/markdown.ts";
import { connectClient } from "../support/clients/mcp.ts";
import { isRunning, NpmProcess } from "../support/processes/npm-process.ts";

interface DemoLine {
  readonly mcpUrl: string;
  readonly tokenMcpUrl: string;
  readonly accessToken: string;
  readonly adminToken: string;
  readonly dashboardUrl: string;
  readonly instances: { instance: string; socket: string; protocol: string }[];
  readonly pids: { worker: number; relay: number; hosts: number[] };
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-demo-test-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const started: NpmProcess[] = [];

/** The test that would end one may have failed, or not have been asked for. */
afterAll(async () => {
  const parts = started.flatMap((demo) => demo.descendants);
  // A killed demo could not end its parts, which have process groups of their own.
  await Promise.all(started.map((demo) => demo.end("npm")));
  const left = parts.filter(isRunning);
  if (left.length > 0) throw new Error(`Demos have ended and left processes: ${left.join(", ")}`);
});

function runDemo(...args: string[]): NpmProcess {
  const demo = new NpmProcess("demo", args, { TMPDIR: folder });
  started.push(demo);
  return demo;
}

function startDemo(...args: string[]): NpmProcess {
  return runDemo("--port", "0", "--json", ...args);
}

function pidsOf({ pids }: DemoLine): number[] {
  return [pids.worker, pids.relay, ...pids.hosts];
}

describe("the demo on its defaults", () => {
  let demo: NpmProcess;
  let line: DemoLine;

  beforeAll(async () => {
    demo = startDemo();
    line = await demo.firstLine<DemoLine>();
  });

  test("prints one JSON line with everything a script needs", () => {
    expect(line).toMatchObject({
      mcpUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/),
      tokenMcpUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/),
      accessToken: expect.stringMatching(/^aimdb_pat_/),
      adminToken: expect.stringMatching(/^.{32,}$/),
      dashboardUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
    });
    expect(line.instances.map(({ instance, protocol }) => ({ instance, protocol }))).toEqual([
      { instance: "demo/aimdb-1x", protocol: "1.0" },
      { instance: "demo/aimdb-2x", protocol: "3.0" },
    ]);
    expect(pidsOf(line).every(isRunning)).toBe(true);
    expect(demo.output.trim().split("\n")).toHaveLength(1);
    expect(demo.errors).toContain("opens every record for writing, without confirmation");
  });

  test.each(["mcpUrl", "tokenMcpUrl"] as const)("answers tools at its %s", async (name) => {
    const client = await connectClient(new URL(line[name]), line.accessToken);

    const { json } = await client.call("get_record", {
      instance: "demo/aimdb-2x",
      record_name: "sensor.temp",
    });
    await client.close();

    expect(json.value.celsius).toEqual(expect.any(Number));
  });

  test("sends events to docs/events.md's curl", async () => {
    const [command = ""] = fencesOf(
      readFileSync(projectPath("docs/events.md"), "utf8"),
      "sh events",
    );
    const env = { ...process.env, TOKEN: line.accessToken, URL: new URL(line.mcpUrl).origin };
    const curl = spawn("sh", ["-c", `exec ${command}`], {
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void curl.kill());

    let text = "";
    for await (const chunk of curl.stdout) {
      text += String(chunk);
      if (/^event: sample\n.*\n.*\n\n/m.test(text)) break;
    }

    expect(text).toMatch(/^event: relay\nid: .*\ndata: \{"change":"initial","relay":"demo",/m);
    expect(text).toMatch(/^data: \{"instance":"demo\/aimdb-2x","record":"sensor.temp","value":\{/m);
  });

  test("opens app.settings for writing without confirmation", async () => {
    const client = await connectClient(new URL(line.mcpUrl), line.accessToken);
    const value = { log_level: "debug", max: 7 };

    const { json } = await client.call("set_record", {
      instance: "demo/aimdb-1x",
      record_name: "app.settings",
      value,
    });
    await client.close();

    expect(json).toMatchObject({ success: true, outcome: "applied" });
  });

  test("has values that move", async () => {
    const client = await connectClient(new URL(line.mcpUrl), line.accessToken);

    const { json } = await client.call("subscribe_record", {
      instance: "demo/aimdb-2x",
      record_name: "sensor.temp",
      max_events: 6,
    });
    await client.close();

    const readings = json.events.map(
      (event: { value: { celsius: number } }) => event.value.celsius,
    );
    expect(new Set(readings).size).toBeGreaterThan(1);
  });

  test("serves a page at its dashboardUrl without a session", async () => {
    const response = await fetch(line.dashboardUrl);

    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(await response.text()).toContain(line.mcpUrl);
  });

  test("admits its adminToken to the management API and not to MCP", async () => {
    const headers = { authorization: `Bearer ${line.adminToken}` };
    const api = new URL("/api/v1/join-tokens", line.mcpUrl);

    expect((await fetch(api, { method: "POST", headers })).status).toBe(201);
    expect((await fetch(line.mcpUrl, { method: "POST", headers })).status).toBe(401);
  });

  test("brings back a part that died", async () => {
    process.kill(line.pids.relay, "SIGKILL");
    const client = await connectClient(new URL(line.mcpUrl), line.accessToken);

    const answers: unknown[] = [];
    await expect
      .poll(
        async () => {
          const { json } = await client.call("get_record", {
            instance: "demo/aimdb-2x",
            record_name: "app.readonly",
          });
          answers.push(json.error?.code);
          return json.value;
        },
        { timeout: 20_000 },
      )
      .toEqual({ up: 7 });
    await client.close();

    expect(
      answers.every(
        (code) => code === undefined || code === "relay_offline" || code === "link_lost",
      ),
    ).toBe(true);
  });

  test("ends with status 0 on SIGTERM to npm alone, and leaves nothing behind", async () => {
    const exit = await demo.end("npm");

    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(exit.afterMs).toBeLessThan(5_000);
    expect(pidsOf(line).filter(isRunning)).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.startsWith("aimdb-demo-"))).toEqual([]);
  });
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "the demo ends with status 0 on %s to its process group",
  async (signal) => {
    const demo = startDemo();
    const line = await demo.firstLine<DemoLine>();

    const exit = await demo.end("group", signal);

    expect(exit.afterMs).toBeLessThan(5_000);
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(pidsOf(line).filter(isRunning)).toEqual([]);
  },
);

test("the demo serves the sockets it is given, and no simulated hosts", async () => {
  const socketPath = join(folder, "mine.sock");
  const host = await startSimulator({ socketPath, aimx: "3.0", periodMs: 100 });
  const demo = startDemo("--socket", socketPath);

  const line = await demo.firstLine<DemoLine>();
  await demo.end("npm");
  await host.close();

  expect(line.instances).toEqual([{ instance: "demo/mine", socket: socketPath, protocol: "3.0" }]);
  expect(line.pids.hosts).toEqual([]);
});

test("the demo keeps a named state folder, and its relay needs no second enrollment", async () => {
  const state = join(folder, "kept");
  const first = startDemo("--state", state);
  await first.firstLine<DemoLine>();
  await first.end("npm");
  const second = startDemo("--state", state);

  const line = await second.firstLine<DemoLine>();
  await second.end("npm");

  expect(line.instances).toHaveLength(2);
  expect(existsSync(state)).toBe(true);
  expect((await stat(join(state, "worker", "install.json"))).mode & 0o777).toBe(0o600);
});

test("the demo with --confirm-writes and --rate-limit holds callers to them", async () => {
  const demo = startDemo("--confirm-writes", "--rate-limit", "3");
  const line = await demo.firstLine<DemoLine>();
  const client = await connectClient(new URL(line.mcpUrl), line.accessToken);
  const instance = "demo/aimdb-2x";

  const written = await client.call("set_record", {
    instance,
    record_name: "app.settings",
    value: { log_level: "x", max: 1 },
  });
  const codes = [];
  for (let i = 0; i < 4; i += 1) {
    const { json } = await client.call("get_record", { instance, record_name: "app.readonly" });
    codes.push(json.error?.code);
  }
  await client.close();
  await demo.end("npm");

  expect(written.json).toMatchObject({ status: "awaiting_confirmation", changed: false });
  expect(codes.at(-1)).toBe("rate_limited");
});

test.each([
  [["--prot", "1"], 2, "--prot"],
  [["--port", "x"], 2, "--port takes a port"],
  [["--rate-limit", "-1"], 2, "--rate-limit"],
])("the demo refuses %j with what is wrong", async (args, code, text) => {
  const demo = runDemo(...args);

  expect(await demo.exit()).toMatchObject({ code });
  expect(demo.errors).toContain(text);
});

test("the demo says so when its port is taken", async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });
  const demo = runDemo("--port", String(port));

  const exit = await demo.exit();
  server.close();

  expect(exit.code).toBe(1);
  expect(demo.errors).toContain(`Port ${port} is in use`);
});
