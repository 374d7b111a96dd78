import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkDevice } from "../../../relay/doctor/device-checks.ts";
import { enrolledDevice } from "../support/device/enrolled-device.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";

const WORKER = new URL("wss://aimdb.example.com/relay");

async function begin(toml = "", variables: Record<string, string> = {}) {
  const device = await enrolledDevice(WORKER, toml);
  const environment = new TestEnvironment({
    homeFolder: device.folder,
    variables: { STATE_DIRECTORY: device.state, ...variables },
  });
  const check = async (configPath = device.configPath) => {
    const result = await checkDevice(configPath, environment);
    const byName = Object.fromEntries(result.checks.map((check) => [check.check, check]));
    return { ...result, byName };
  };
  return { device, environment, check };
}

test("checkDevice passes a device as enroll leaves it", async () => {
  const { check, device } = await begin();
  const { checks, identity, key, config } = await check();
  expect(checks.map(({ check, status }) => [check, status])).toEqual([
    ["config", "PASS"],
    ["state", "PASS"],
    ["enrollment", "PASS"],
    ["key", "PASS"],
    ["continuity", "SKIP"],
  ]);
  expect(identity?.relay).toBe("gateway");
  expect(key?.source).toBe(join(device.state, "key.json"));
  expect(config?.allowedSockets).toHaveLength(1);
});

describe("checkDevice fails, with a remedy,", () => {
  const FAILED = { status: "FAIL", remedy: expect.stringMatching(/./) };

  test("where a newer release has written the state folder", async () => {
    const { device, check } = await begin();
    await writeFile(join(device.state, "state.json"), '{"version":2}');
    expect((await check()).byName["state"]).toMatchObject({
      ...FAILED,
      detail: expect.stringContaining("by a newer release of the relay"),
    });
    await writeFile(join(device.state, "state.json"), "{");
    expect((await check()).byName["state"]).toMatchObject({
      ...FAILED,
      detail: expect.stringContaining("is damaged"),
    });
  });

  test("where the configuration is wrong", async () => {
    const { check } = await begin("nope = 1\n");
    expect((await check()).byName["config"]).toMatchObject({
      ...FAILED,
      detail: expect.stringContaining("unknown key"),
    });
  });

  test("where the configuration can't be read", async () => {
    const { check } = await begin();
    expect((await check("/")).byName["config"]).toMatchObject(FAILED);
  });

  test("where files that it names are missing", async () => {
    const { check } = await begin('ca_file = "/nowhere/ca"\naudit_log = "/nowhere/a.log"\n');
    expect((await check()).byName).toMatchObject({ ca_file: FAILED, audit_log: FAILED });
  });

  test("where the device is not enrolled", async () => {
    const { check, device } = await begin();
    await rm(device.state, { recursive: true });
    expect((await check()).byName).toMatchObject({
      state: FAILED,
      enrollment: { ...FAILED, remedy: expect.stringContaining("aimdb-relay enroll") },
      key: { status: "SKIP" },
    });
  });

  test("where others may look into the state folder", async () => {
    const { check, device } = await begin();
    await chmod(device.state, 0o755);
    expect((await check()).byName["state"]).toMatchObject({
      ...FAILED,
      remedy: `chmod 700 ${device.state}`,
    });
  });

  test("where the state is no folder", async () => {
    const { check, device } = await begin();
    await rm(device.state, { recursive: true });
    await writeFile(device.state, "");
    expect((await check()).byName["state"]).toMatchObject(FAILED);
  });

  test("where others may read the continuity value", async () => {
    const { check, device } = await begin();
    const path = join(device.state, "continuity.json");
    await writeFile(path, JSON.stringify({ relay_id: "ab".repeat(32), value: "c".repeat(43) }));
    await chmod(path, 0o600);
    expect((await check()).byName["continuity"]).toMatchObject({ status: "PASS" });
    await chmod(path, 0o644);
    expect((await check()).byName["continuity"]).toMatchObject(FAILED);
  });

  test("where others may read the key", async () => {
    const { check, device } = await begin();
    await chmod(join(device.state, "key.json"), 0o644);
    expect((await check()).byName["key"]).toMatchObject(FAILED);
  });

  test("where key and identity are damaged, and repeats nothing of them", async () => {
    const { check, device } = await begin();
    const options = { mode: 0o600 };
    await writeFile(join(device.state, "key.json"), '{"d":"s3cret"}', options);
    await writeFile(join(device.state, "identity.json"), '{"s3cret":1}', options);
    const { byName, checks } = await check();
    expect(byName).toMatchObject({ key: FAILED, enrollment: FAILED });
    expect(JSON.stringify(checks)).not.toContain("s3cret");
  });
});

test("checkDevice takes the key from the service manager's credentials, whatever its mode", async () => {
  const folder = (await enrolledDevice(WORKER)).folder;
  const credentials = join(folder, "credentials");
  const { check, device } = await begin("", { CREDENTIALS_DIRECTORY: credentials });
  await mkdir(credentials);
  await rename(join(device.state, "key.json"), join(credentials, "relay-key"));
  await chmod(join(credentials, "relay-key"), 0o440);

  const { key, checks } = await check();

  expect(key?.source).toBe(join(credentials, "relay-key"));
  const secret = JSON.parse(await readFile(join(credentials, "relay-key"), "utf8")).d;
  expect(JSON.stringify(checks)).not.toContain(secret);
});

test("checkDevice keeps an audit log that is to be made apart from one that can't be", async () => {
  const { check, device, environment } = await begin();
  await writeFile(device.configPath, `audit_log = "${device.folder}/new.log"\n`);
  expect((await check()).byName["audit_log"]).toBeUndefined();
  expect(environment.printed).toBe("");
});
