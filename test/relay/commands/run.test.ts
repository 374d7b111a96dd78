import { chmod, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { describe, expect, onTestFinished, test } from "vitest";
import { CLOSE_CODES } from "#shared/link/close-code.ts";
import type { MethodResult } from "#shared/link/method.ts";
import { run } from "../../../relay/commands/run.ts";
import { status } from "../../../relay/commands/status.ts";
import { enrolledDevice, type EnrolledDevice } from "../support/device/enrolled-device.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { latest, startHost } from "../support/host-side/host.ts";
import { PlayedWorker } from "../support/worker-side/played-worker.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";
import { until } from "../support/until.ts";

const RECORDS = [latest("a", { initial: { n: 1 } })];
const OPEN = 'writable_records = ["*"]\nconfirm_writes = false\n';

function start(
  { folder, state, configPath }: EnrolledDevice,
  more: Readonly<Record<string, string>> = {},
) {
  const variables = { STATE_DIRECTORY: state, ...more };
  const environment = new TestEnvironment({ homeFolder: folder, variables });
  const ended = run(configPath, environment);
  onTestFinished(async () => {
    environment.stopping.abort();
    await ended.catch(() => {});
  });
  return { environment, ended };
}

async function begin(toml = "", more: Readonly<Record<string, string>> = {}) {
  const worker = await PlayedWorker.start();
  const device = await enrolledDevice(worker.server.url, toml);
  const host = await startHost({
    aimx: "3.0",
    records: RECORDS,
    socketPath: join(device.sockets, "boiler.sock"),
  });
  return { worker, device, host, ...start(device, more) };
}

describe("run", () => {
  test("dials, announces its instances and answers [T-1]", async () => {
    const { worker, environment } = await begin(OPEN);
    const link = await worker.link();

    expect(worker.of("inventory")).toMatchObject([
      { confirm_writes: "never", instances: [{ name: "boiler", state: "up", record_count: 1 }] },
    ]);
    expect(await worker.ask(link, { params: { record: "a" } })).toMatchObject({
      ok: { record_key: "a", sample: { value: { n: 1 } } },
    });
    const params = { record: "a", value: { n: 2 }, not_after_ms: 60_000 };
    expect(await worker.ask(link, { method: "record.set", params })).toMatchObject({
      ok: { outcome: "applied", echo: "same" },
    });
    expect(environment.log.of("relay_start")).toMatchObject([{ relay: "gateway", team: "Plant" }]);
    expect(environment.log.of("link_up")).toHaveLength(1);
  });

  test("shows who it is by a fresh token for each dial [D-1]", async () => {
    const { worker } = await begin();
    const link = await worker.link();
    link.close(CLOSE_CODES.going_away.code);
    await worker.link(2);

    const tokens = worker.server.requests.map(({ headers }) => headers.authorization ?? "");
    const claims = tokens.map((token) => decodeJwt(token.replace("Bearer ", "")));
    expect(claims).toMatchObject([{ aud: "installation-1" }, { aud: "installation-1" }]);
    expect(claims[0]?.jti).not.toBe(claims[1]?.jti);
  });

  test("goes by the code of a close, whatever its reason says [C-5]", async () => {
    const { worker, ended } = await begin();
    const { going_away, revoked } = CLOSE_CODES;

    (await worker.link()).close(going_away.code, revoked.advice);
    (await worker.link(2)).close(revoked.code, "going away, dial again");

    expect(await ended).toBe(78);
    expect(worker.server.requests).toHaveLength(2);
  });

  test("begins another epoch each time it starts [S-5]", async () => {
    const { worker, device, environment, ended } = await begin();
    const epochBy = async (link: number) => {
      const { ok } = await worker.ask(await worker.link(link), { params: { record: "a" } });
      return (ok as MethodResult<"record.get">).sample.epoch;
    };
    const first = await epochBy(1);
    environment.stopping.abort();
    await ended;

    start(device);

    expect(await epochBy(2)).not.toBe(first);
  });

  test("ends with 0 when it is told to stop, and leaves its hosts", async () => {
    const { worker, host, environment, ended } = await begin();
    const link = await worker.link();
    const codes: number[] = [];
    link.on("close", (code) => codes.push(code));

    environment.stopping.abort();

    expect(await ended).toBe(0);
    await until("both ends", () => codes.length > 0 && host.connectionCount === 0);
    expect(codes).toEqual([1000]);
  });

  test("tells what its records hold when it is told to stop, but not the hidden ones [K-1] [K-3]", async () => {
    const worker = await PlayedWorker.start();
    const device = await enrolledDevice(worker.server.url, 'hidden_records = ["secret"]\n');
    const records = [...RECORDS, latest("secret", { initial: { n: 9 } })];
    await startHost({ aimx: "3.0", records, socketPath: join(device.sockets, "boiler.sock") });
    const { environment, ended } = start(device);
    const link = await worker.link();
    await worker.ask(link, { params: { record: "a" } });

    environment.stopping.abort();
    await ended;

    await until("the frame", () => worker.of("last_known").length > 0);
    expect(worker.of("last_known")).toMatchObject([
      {
        instances: [
          { name: "boiler", readings: [{ record_key: "a", sample: { value: { n: 1 } } }] },
        ],
      },
    ]);
  });

  test("ends with 0 when it is told to stop before it began", async () => {
    const worker = await PlayedWorker.start();
    const device = await enrolledDevice(worker.server.url);
    const { state: STATE_DIRECTORY, folder: homeFolder, configPath } = device;
    const environment = new TestEnvironment({ homeFolder, variables: { STATE_DIRECTORY } });
    environment.stopping.abort();
    expect(await run(configPath, environment)).toBe(0);
    expect(worker.server.requests).toEqual([]);
  });

  test("ends with 78 when only a person can help, and says what to do", async () => {
    const { worker, environment, ended } = await begin();
    const link = await worker.link();

    link.close(CLOSE_CODES.revoked.code, CLOSE_CODES.revoked.advice);

    expect(await ended).toBe(78);
    expect(environment.log.of("relay_refused")).toMatchObject([
      { advice: CLOSE_CODES.revoked.advice },
    ]);
  });

  test("writes the audit log that the device file names", async () => {
    const worker = await PlayedWorker.start();
    const folder = await freshFolder();
    const path = join(folder, "audit.log");
    const device = await enrolledDevice(worker.server.url, `audit_log = "${path}"\n`);
    const { environment, ended } = start(device);
    const link = await worker.link();

    await worker.ask(link, { instance: "pump" });
    environment.stopping.abort();
    await ended;

    const [line, ...others] = (await readFile(path, "utf8")).split("\n");
    expect(JSON.parse(line ?? "")).toMatchObject({
      principal: "ann",
      instance: "pump",
      outcome: "unknown_instance",
    });
    expect(others).toEqual([""]);
  });

  test("keeps the device file's calls per minute", async () => {
    const { worker } = await begin("rate_limit = 1\n");
    const link = await worker.link();
    await worker.ask(link, {});
    expect(await worker.ask(link, {})).toMatchObject({ err: "rate_limited" });
  });

  test("gives instances the names that they had before", async () => {
    const { worker, device, environment, ended } = await begin();
    await worker.link();
    environment.stopping.abort();
    await ended;
    const names = join(device.state, "names.json");
    const saved = JSON.parse(await readFile(names, "utf8")) as Record<string, string>;
    const [path, ...others] = Object.keys(saved);
    expect([saved[path ?? ""], others]).toEqual(["boiler", []]);
    await writeFile(names, JSON.stringify({ [path ?? ""]: "kettle" }));

    start(device);
    await worker.link(2);

    expect(worker.of("inventory").at(-1)).toMatchObject({ instances: [{ name: "kettle" }] });
  });
});

test("run leaves the place to a relay that serves from this state already, which goes on", async () => {
  const { worker, device } = await begin();
  const link = await worker.link();
  const second = start(device);

  expect(await second.ended).toBe(1);
  expect(second.environment.printedError).toContain("A relay runs here already");
  expect(await worker.ask(link, { params: { record: "a" } })).toMatchObject({
    ok: { record_key: "a" },
  });
  expect(await status({ json: true }, second.environment)).toBe(0);
});

test("run leaves the place to a relay of another container, which shares its state and nothing else", async () => {
  const { worker, device, environment, ended } = await begin("", {
    RUNTIME_DIRECTORY: await freshFolder(),
  });
  await worker.link();
  const second = start(device, { RUNTIME_DIRECTORY: await freshFolder() });

  expect(await second.ended).toBe(1);
  expect(second.environment.printedError).toBe(
    `A relay runs with this state already, in another container or service: it listens at ${device.state}/control.sock. Stop it first, or give this one a state of its own.\n`,
  );
  expect(await status({ json: true }, environment)).toBe(0);
  environment.stopping.abort();
  expect(await ended).toBe(0);
  expect(await readdir(device.state)).not.toContain("control.sock");
});

describe("run ends with 78", () => {
  test("on a device that is not enrolled", async () => {
    const homeFolder = await freshFolder();
    const environment = new TestEnvironment({ homeFolder });
    expect(await run(undefined, environment)).toBe(78);
    expect(environment.printedError).toBe(
      "This device is not enrolled. Run: aimdb-relay enroll URL\n",
    );
  });

  test.each(["identity.json", "key.json"])("where %s is missing", async (name) => {
    const device = await enrolledDevice(new URL("ws://127.0.0.1:1/relay"));
    await rm(join(device.state, name));
    const { environment, ended } = start(device);
    expect(await ended).toBe(78);
    expect(environment.printedError).toContain("not enrolled");
  });

  test("where the configuration is wrong", async () => {
    const device = await enrolledDevice(new URL("ws://127.0.0.1:1/relay"), "nope = 1\n");
    const { environment, ended } = start(device);
    expect(await ended).toBe(78);
    expect(environment.printedError).toBe(`${device.configPath}: nope: unknown key\n`);
  });
});

describe("run ends with 78, so that no service manager tries again,", () => {
  test("where others may read the key", async () => {
    const device = await enrolledDevice(new URL("ws://127.0.0.1:1/relay"));
    await chmod(join(device.state, "key.json"), 0o644);
    const { environment, ended } = start(device);
    expect(await ended).toBe(78);
    expect(environment.printedError).toContain("expected 0600");
  });

  test.each(["identity.json", "key.json"])(
    "where %s is damaged, and repeats nothing of it",
    async (name) => {
      const device = await enrolledDevice(new URL("ws://127.0.0.1:1/relay"));
      await writeFile(join(device.state, name), '{"d":"s3cret"}', { mode: 0o600 });
      const { environment, ended } = start(device);
      expect(await ended).toBe(78);
      expect(environment.printedError).toContain(name);
      expect(environment.printedError).not.toContain("s3cret");
    },
  );
});

describe("run throws", () => {
  test.each(["identity.json", "key.json"])(
    "where a read of %s fails that may pass, so that it is tried again",
    async (name) => {
      const device = await enrolledDevice(new URL("ws://127.0.0.1:1/relay"));
      await rm(join(device.state, name));
      await symlink("/proc/self/mem", join(device.state, name));
      await expect(start(device).ended).rejects.toThrow("EIO");
    },
  );

  test("where the audit log can't be opened, before it dials", async () => {
    const worker = await PlayedWorker.start();
    const device = await enrolledDevice(worker.server.url, 'audit_log = "/nowhere/a.log"\n');
    await expect(start(device).ended).rejects.toThrow("/nowhere/a.log");
    expect(worker.server.requests).toEqual([]);
  });
});
