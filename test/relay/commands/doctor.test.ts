import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { doctor } from "../../../relay/commands/doctor.ts";
import { enrolledDevice } from "../support/device/enrolled-device.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { latest, startHost } from "../support/host-side/host.ts";
import { startLinkServer } from "../support/worker-side/link-server.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";

/** A worker's answers: healthy, and a token of 1970 is refused for its time alone. */
async function startWorker({ knowsKey = true } = {}) {
  return startLinkServer({
    refuse: (response) => {
      if (response.req.url === "/health") {
        response.writeHead(200, { connection: "close" }).end("{}");
        return;
      }
      const error = knowsKey
        ? { code: "clock", message: "", server_time_ms: Date.now() }
        : { code: "unauthorized", message: "" };
      response.writeHead(401, { connection: "close" }).end(JSON.stringify({ error }));
    },
  });
}

async function begin(worker: { url: URL }) {
  const device = await enrolledDevice(worker.url);
  const socketPath = join(device.sockets, "boiler.sock");
  await startHost({ aimx: "3.0", records: [latest("a", { initial: { n: 1 } })], socketPath });
  const variables = { STATE_DIRECTORY: device.state };
  const environment = new TestEnvironment({ homeFolder: device.folder, variables });
  const examine = (json: boolean) => doctor({ json, configPath: device.configPath }, environment);
  return { device, environment, examine };
}

describe("doctor", () => {
  test("ends with 0 where nothing fails, and says of each step what it found", async () => {
    const { environment, examine } = await begin(await startWorker());

    expect(await examine(true)).toBe(0);

    const report = JSON.parse(environment.printed);
    expect(report.ok).toBe(true);
    const statuses = report.checks.map(
      ({ check, status }: { check: string; status: string }) =>
        `${check.replace(/ \/.*/, "")} ${status}`,
    );
    expect(statuses).toEqual([
      "config PASS",
      "state PASS",
      "enrollment PASS",
      "key PASS",
      "continuity SKIP",
      "proxy SKIP",
      "dns SKIP",
      "tcp PASS",
      "tls SKIP",
      "http PASS",
      "clock PASS",
      "upgrade PASS",
      "key accepted PASS",
      "running relay SKIP",
      "instances PASS",
      "socket PASS",
      "read PASS",
    ]);
  });

  test("ends with 1 where something fails, and says what to do below it", async () => {
    const { environment, examine } = await begin(await startWorker({ knowsKey: false }));

    expect(await examine(false)).toBe(1);

    expect(environment.printed).toMatch(
      /^FAIL {2}key accepted {4}The worker answers 401\.\n {22}-> .*Enroll the relay again\.$/m,
    );
    expect(environment.printed).toMatch(/^PASS {2}upgrade/m);
  });

  test("opens no link and spends no token that a relay could use", async () => {
    const worker = await startWorker();
    const { examine } = await begin(worker);
    await examine(true);
    const dials = worker.requests.filter(({ url }) => url === "/relay");
    const token = (dials[0]?.headers.authorization ?? "").replace("Bearer ", "").split(".")[1];
    expect(dials).toHaveLength(1);
    expect(JSON.parse(Buffer.from(token ?? "", "base64url").toString())).toMatchObject({
      iat: 0,
      exp: 60,
    });
  });

  test("shows the worker no continuity value, and changes none", async () => {
    const worker = await startWorker();
    const { device, environment, examine } = await begin(worker);
    const path = join(device.state, "continuity.json");
    const value = "c".repeat(43);
    const text = JSON.stringify({ relay_id: "ab".repeat(32), value });
    await writeFile(path, text, { mode: 0o600 });

    await examine(true);

    expect(JSON.parse(environment.printed).checks).toContainEqual(
      expect.objectContaining({ check: "continuity", status: "PASS" }),
    );
    const tokens = worker.requests.flatMap(({ headers }) => headers.authorization ?? []);
    const claims = tokens.map((token) => Buffer.from(token.split(".")[1] ?? "", "base64url"));
    expect(claims.map(String).join("")).toContain('"iat":0');
    expect(claims.map(String).join("")).not.toContain(value);
    expect(await readFile(path, "utf8")).toBe(text);
  });

  test("prints no key and no token", async () => {
    const worker = await startWorker();
    const { device, environment, examine } = await begin(worker);
    await examine(true);
    await examine(false);
    const key = JSON.parse(await readFile(join(device.state, "key.json"), "utf8"));
    const tokens = worker.requests.map(({ headers }) => headers.authorization ?? "none given");
    const printed = environment.printed + environment.printedError;
    for (const secret of [key.d, ...tokens]) expect(printed).not.toContain(secret);
  });

  test("goes on where the worker can't be reached", async () => {
    const { environment, examine } = await begin({ url: new URL("ws://127.0.0.1:1/relay") });
    expect(await examine(false)).toBe(1);
    expect(environment.printed).toMatch(/^FAIL {2}tcp/m);
    expect(environment.printed).toMatch(/^SKIP {2}clock/m);
    expect(environment.printed).toMatch(/^PASS {2}read /m);
  });

  test("examines a device that was never set up", async () => {
    const environment = new TestEnvironment({ homeFolder: await freshFolder() });
    expect(await doctor({ json: true, configPath: undefined }, environment)).toBe(1);
    const { checks } = JSON.parse(environment.printed);
    expect(checks).toContainEqual(expect.objectContaining({ check: "enrollment", status: "FAIL" }));
    expect(checks).toContainEqual(expect.objectContaining({ check: "worker", status: "SKIP" }));
  });

  test("says it where the certificates that the file names are missing", async () => {
    const worker = await startWorker();
    const { device, environment, examine } = await begin({
      url: new URL(`wss://127.0.0.1:${worker.port}/relay`),
    });
    await writeFile(device.configPath, 'ca_file = "/nowhere/ca.pem"\n');
    expect(await examine(false)).toBe(1);
    expect(environment.printed).toMatch(/^FAIL {2}ca_file/m);
    expect(environment.printed).toMatch(/^FAIL {2}worker .*\/nowhere\/ca\.pem/m);
  });
});
