/** A relay put back to an older release, over a state folder that the newer one has brought to its form. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { enroll } from "../../../relay/commands/enroll.ts";
import { rotate } from "../../../relay/commands/rotate.ts";
import { run } from "../../../relay/commands/run.ts";
import { stdio } from "../../../relay/commands/stdio.ts";
import type { Environment } from "../../../relay/environment.ts";
import { NeedsOperator } from "../../../relay/needs-operator.ts";
import { enrolledDevice } from "../support/device/enrolled-device.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";

const NEWER: Readonly<Record<string, string>> = {
  "state.json": '{"version":2}',
  "identity.json": '{"relays":[]}',
  "names.json": '{"names":{"/tmp/a.sock":{"name":"a"}}}',
  "continuity.json": '{"values":{}}',
  "writes.ndjson": '{"t":"journal","id":"a2"}\n{"t":"batch","of":[]}\n',
};

async function newerDevice() {
  const device = await enrolledDevice(new URL("ws://127.0.0.1:1/relay"));
  for (const [name, text] of Object.entries(NEWER)) {
    await writeFile(join(device.state, name), text, { mode: 0o600 });
  }
  const variables = { STATE_DIRECTORY: device.state, AIMDB_JOIN_TOKEN: "aimdb_join_t1_secret" };
  const environment = new TestEnvironment({ homeFolder: device.folder, variables });
  const files = async () => {
    const names = (await readdir(device.state)).toSorted();
    const texts = names.map((name) => readFile(join(device.state, name), "utf8"));
    return Object.fromEntries((await Promise.all(texts)).map((text, i) => [names[i], text]));
  };
  return { ...device, environment, files };
}

const TOLD = /was written by a newer release of the relay: .* Nothing in it was changed\./;

test("run ends with 78, says so, and leaves every file as it is", async () => {
  const { environment, configPath, files } = await newerDevice();
  const before = await files();

  expect(await run(configPath, environment)).toBe(78);

  expect(environment.printedError).toMatch(TOLD);
  expect(await files()).toEqual(before);
  expect(environment.log.entries).toEqual([]);
});

const asEnroll = (force: boolean) => (environment: Environment, configPath: string) =>
  enroll(
    {
      name: "enroll",
      url: new URL("http://127.0.0.1:1"),
      joinToken: { from: "environment" },
      relayName: undefined,
      force,
      json: false,
      configPath,
    },
    environment,
  );

/** `main` ends with 78 for it. */
test.each<[string, (environment: Environment, configPath: string) => Promise<number>]>([
  ["stdio", (environment, configPath) => stdio(configPath, environment)],
  ["rotate", (environment, configPath) => rotate({ json: false, configPath }, environment)],
  ["enroll", asEnroll(false)],
  ["enroll --force", asEnroll(true)],
])("%s needs a person, and leaves every file as it is", async (_name, command) => {
  const { environment, configPath, files } = await newerDevice();
  const before = await files();

  const refused = await command(environment, configPath).catch((error: unknown) => error);

  expect(refused).toBeInstanceOf(NeedsOperator);
  expect(String(refused)).toMatch(TOLD);
  expect(await files()).toEqual(before);
});
