import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { USAGE } from "../../relay/cli.ts";
import { RELAY_VERSION } from "../../relay/version.ts";
import { CERTIFICATE, EXPIRED_CERTIFICATE } from "./support/worker-side/certificate.ts";
import { enrolledDevice } from "./support/device/enrolled-device.ts";
import { freshFolder } from "./support/device/fresh-folder.ts";
import { startLinkServer } from "./support/worker-side/link-server.ts";
import { PlayedWorker } from "./support/worker-side/played-worker.ts";
import { until } from "./support/until.ts";
import { writeConfig } from "./support/device/write-config.ts";

const MAIN = fileURLToPath(new URL("../../relay/main.ts", import.meta.url));

async function start(args: readonly string[], variables: Record<string, string> = {}) {
  const HOME = await freshFolder();
  const env = { PATH: process.env["PATH"] ?? "", HOME, ...variables };
  const child = spawn(process.execPath, [MAIN, ...args], { env });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const code = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
  });
  return { child, code, out: text(child.stdout), errors: text(child.stderr), home: HOME };
}

async function finish(args: readonly string[]) {
  const { code, out, errors, home } = await start(args);
  return { code: await code, out: await out, errors: await errors, home };
}

test("aimdb-relay --help prints its usage", async () => {
  expect(await finish(["--help"])).toMatchObject({ code: 0, out: USAGE, errors: "" });
});

test("aimdb-relay --version prints its version", async () => {
  expect(await finish(["--version"])).toMatchObject({ code: 0, out: `${RELAY_VERSION}\n` });
});

test("aimdb-relay trusts NODE_EXTRA_CA_CERTS beside its ca_file", async () => {
  const server = await startLinkServer({
    isSecure: true,
    refuse: (response) => response.writeHead(404, { connection: "close" }).end("no worker"),
  });
  const folder = await freshFolder();
  const [extra, ca] = [join(folder, "extra.pem"), join(folder, "ca.pem")];
  await writeFile(extra, CERTIFICATE);
  await writeFile(ca, EXPIRED_CERTIFICATE);
  const { configPath } = await writeConfig(folder, `ca_file = "${ca}"\n`);
  const { code, errors } = await start(
    ["enroll", `https://localhost:${server.port}`, "--join-token", "x", "--config", configPath],
    { NODE_EXTRA_CA_CERTS: extra },
  );

  expect(await code).toBe(1);
  expect(await errors).toContain("answered 404 and is no aimdb-remote worker");
});

test("aimdb-relay ends as ever where who read its output has gone", async () => {
  const child = spawn(process.execPath, [MAIN, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();

  const [errors, ended] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect([errors, ended]).toEqual(["", [0, null]]);
});

test("aimdb-relay run serves on where who read its log has gone", async () => {
  const worker = await PlayedWorker.start();
  const { state, configPath } = await enrolledDevice(worker.server.url);
  const env = { PATH: process.env["PATH"], STATE_DIRECTORY: state };
  const child = spawn(process.execPath, [MAIN, "run", "--config", configPath], { env });
  child.stderr.destroy();
  await worker.link();

  child.kill("SIGTERM");

  expect(await once(child, "exit")).toEqual([0, null]);
});

test("aimdb-relay ends with 2 where it is used wrongly", async () => {
  expect(await finish(["start"])).toMatchObject({
    code: 2,
    out: "",
    errors: '"start" is not a command.\nRun aimdb-relay --help\n',
  });
});

test("aimdb-relay ends with 78 where a person must act first", async () => {
  expect(await finish(["run"])).toMatchObject({
    code: 78,
    errors: "This device is not enrolled. Run: aimdb-relay enroll URL\n",
  });
});

test("aimdb-relay ends with 78 where its audit log can't be opened", async () => {
  const log = "/nowhere/audit.log";
  const { state, configPath } = await enrolledDevice(
    new URL("ws://127.0.0.1:1/relay"),
    `audit_log = "${log}"\n`,
  );
  const { code, errors } = await start(["run", "--config", configPath], { STATE_DIRECTORY: state });
  expect(await code).toBe(78);
  expect(await errors).toContain(`audit_log ${log} can't be opened (ENOENT)`);
});

test("aimdb-relay ends with 1, so that it is tried again, where a read fails that may pass", async () => {
  expect(await finish(["run", "--config", "/proc/self/mem"])).toMatchObject({
    code: 1,
    errors: "/proc/self/mem: it can't be read now (EIO)\n",
  });
});

test("aimdb-relay ends with 78 and a line where its state is at no place for it", async () => {
  const { code, errors } = await start(["rotate"], { STATE_DIRECTORY: "/etc/hostname" });
  expect(await code).toBe(78);
  expect(await errors).toMatch(/^ENOTDIR[^\n]*\n$/);
});

test.each(["SIGTERM", "SIGINT"] as const)("aimdb-relay run ends with 0 on %s", async (signal) => {
  const worker = await PlayedWorker.start();
  const { state, configPath } = await enrolledDevice(worker.server.url);
  const { child, code, errors } = await start(["run", "--config", configPath], {
    STATE_DIRECTORY: state,
  });
  await worker.link();

  child.kill(signal);

  expect(await code).toBe(0);
  const events = (await errors).trim().split("\n");
  expect(events.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
    "relay_start",
    "link_up",
  ]);
});

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}\n';
const PONG = '{"result":{},"jsonrpc":"2.0","id":1}\n';

test("aimdb-relay stdio answers what its input held, and ends with 0 behind it", async () => {
  const { child, code, out, errors } = await start(["stdio"]);

  child.stdin.end(PING);

  expect(await code).toBe(0);
  expect(await out).toBe(PONG);
  const lines = (await errors).trim().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
    "stdio_start",
  ]);
});

test.each(["SIGTERM", "SIGINT"] as const)("aimdb-relay stdio ends with 0 on %s", async (signal) => {
  const { child, code } = await start(["stdio"]);
  child.stdin.write(PING);
  await once(child.stdout, "data");

  child.kill(signal);

  expect(await code).toBe(0);
});

async function startLinked(worker: PlayedWorker) {
  const { state, configPath } = await enrolledDevice(worker.server.url);
  const started = await start(["run", "--config", configPath], { STATE_DIRECTORY: state });
  return { ...started, link: await worker.link() };
}

test("aimdb-relay run ends at once on a second signal", async () => {
  const worker = await PlayedWorker.start();
  worker.answersDrain = false;
  const { child, code } = await startLinked(worker);
  child.kill("SIGTERM");
  await until("the drain", () => worker.of("drain").length === 1);

  child.kill("SIGTERM");

  expect(await code).toBe(143);
});

test("aimdb-relay run goes on through SIGHUP", async () => {
  const worker = await PlayedWorker.start();
  const { child, code } = await startLinked(worker);

  child.kill("SIGHUP");
  await until("a heartbeat before its time", () => worker.heartbeatCount === 1);
  child.kill("SIGTERM");

  expect(await code).toBe(0);
});

test("aimdb-relay stdio ends with 0 when its client is gone without a word", async () => {
  const { child, code, out } = await start(["stdio"]);
  const broken = out.catch(() => "broken");
  child.stdin.write(PING);
  await once(child.stdout, "data");

  child.stdout.destroy();
  child.stdin.write(PING.replace("1,", "2,"));

  expect(await code).toBe(0);
  expect(await broken).toBe("broken");
});

test.each([
  { status: 401, code: "unauthorized" },
  { status: 410, code: "revoked" },
])(
  "aimdb-relay run ends with 78, which systemd does not restart, where the worker answers $status $code [C-3]",
  async ({ status, code: refusal }) => {
    const server = await startLinkServer({
      refuse: (response) => {
        response.writeHead(status).end(JSON.stringify({ error: { code: refusal, message: "" } }));
      },
    });
    const { state, configPath } = await enrolledDevice(server.url);
    const { code, errors } = await start(["run", "--config", configPath], {
      STATE_DIRECTORY: state,
    });

    expect(await code).toBe(78);
    expect(await errors).toMatch(/"relay_refused".*enroll .*again/i);
    expect(server.requests).toHaveLength(1);
  },
);
