import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { discover } from "../../../relay/commands/discover.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { startHost } from "../support/host-side/host.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";

async function begin() {
  const homeFolder = await freshFolder();
  const sockets = join(homeFolder, "s");
  await mkdir(sockets);
  const configPath = join(homeFolder, "relay.toml");
  await writeFile(configPath, `allowed_sockets = ["${sockets}/*.sock"]`);
  const environment = new TestEnvironment({ homeFolder });
  const run = (json: boolean) => discover({ json, configPath }, environment);
  return { sockets, configPath, environment, run };
}

test("discover shows what it found and what it skipped", async () => {
  const { sockets, environment, run } = await begin();
  await startHost({ aimx: "1.0", socketPath: join(sockets, "a.sock") });
  const config = { policy: "read_only" } as const;
  await startHost({ aimx: "3.0", socketPath: join(sockets, "b.sock"), config });
  await writeFile(join(sockets, "c.sock"), "");

  expect(await run(false)).toBe(0);
  expect(environment.printed).toBe(
    [
      `AimDB    ${sockets}/a.sock  AimX 1.0, read+write`,
      `AimDB    ${sockets}/b.sock  AimX 3.0, read`,
      `skipped  ${sockets}/c.sock  It is not a socket.`,
      "",
    ].join("\n"),
  );
});

test("discover shows a name of a socket as what it is, and moves no cursor by it", async () => {
  const { sockets, environment, run } = await begin();
  await writeFile(join(sockets, "x\u001b[2J\nAimDB \u202e.sock"), "");

  expect(await run(false)).toBe(0);
  expect(environment.printed).toBe(
    `skipped  ${sockets}/x\\u001b[2J\\u000aAimDB \\u202e.sock  It is not a socket.\n`,
  );
});

test("discover gives the same as one line of JSON", async () => {
  const { sockets, environment, run } = await begin();
  await startHost({ aimx: "3.0", socketPath: join(sockets, "b.sock") });
  await writeFile(join(sockets, "c.sock"), "");

  expect(await run(true)).toBe(0);
  expect(environment.printed).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(environment.printed)).toEqual({
    instances: [
      {
        socket_path: join(sockets, "b.sock"),
        server_version: "aimdb",
        protocol_version: "3.0",
        permissions: ["read", "write"],
        max_subscriptions: 8,
        authenticated: false,
      },
    ],
    skipped: [{ socket_path: join(sockets, "c.sock"), reason: "It is not a socket." }],
  });
});

test("discover says what to do where it finds nothing", async () => {
  const { sockets, environment, run } = await begin();
  expect(await run(false)).toBe(0);
  expect(environment.printed).toBe(
    `No sockets match ${sockets}/*.sock.\nStart AimDB with remote access, or set allowed_sockets.\n`,
  );
});

test("discover gives empty lists where it finds nothing", async () => {
  const { environment, run } = await begin();
  await run(true);
  expect(JSON.parse(environment.printed)).toEqual({ instances: [], skipped: [] });
});

test("discover ends with 78 where the configuration is wrong", async () => {
  const { configPath, environment, run } = await begin();
  await writeFile(configPath, "nope = 1");
  expect(await run(true)).toBe(78);
  expect(environment.printed).toBe("");
  expect(environment.printedError).toBe(`${configPath}: nope: unknown key\n`);
});
