import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../relay/config-file.ts";
import { DEFAULT_CONFIG } from "../../relay/config.ts";
import { freshFolder } from "./support/device/fresh-folder.ts";
import { TestEnvironment } from "./support/device/test-environment.ts";

/** The file's rate limit tells which file was read. */
async function write(path: string, rateLimit: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `rate_limit = ${rateLimit}\n`);
  return path;
}

async function folderWithEverything() {
  const folder = await freshFolder();
  return {
    folder,
    named: await write(join(folder, "named.toml"), 1),
    fromVariable: await write(join(folder, "variable.toml"), 2),
    fromXdg: await write(join(folder, "xdg", "aimdb-relay", "config.toml"), 3),
    fromHome: await write(join(folder, ".config", "aimdb-relay", "config.toml"), 4),
  };
}

test("loadConfig takes the file that the command line names before all others", async () => {
  const { folder, named, fromVariable } = await folderWithEverything();
  const variables = { AIMDB_RELAY_CONFIG: fromVariable, XDG_CONFIG_HOME: join(folder, "xdg") };

  const loaded = await loadConfig(named, new TestEnvironment({ homeFolder: folder, variables }));

  expect(loaded).toMatchObject({ value: { path: named, config: { rateLimitPerMinute: 1 } } });
});

test("loadConfig takes the file of AIMDB_RELAY_CONFIG before the usual places", async () => {
  const { folder, fromVariable } = await folderWithEverything();
  const variables = { AIMDB_RELAY_CONFIG: fromVariable, XDG_CONFIG_HOME: join(folder, "xdg") };

  const environment = new TestEnvironment({ homeFolder: folder, variables });

  expect(await loadConfig(undefined, environment)).toMatchObject({ value: { path: fromVariable } });
});

test("loadConfig looks into XDG_CONFIG_HOME before the home folder", async () => {
  const { folder, fromXdg } = await folderWithEverything();
  const variables = { XDG_CONFIG_HOME: join(folder, "xdg") };

  const environment = new TestEnvironment({ homeFolder: folder, variables });

  expect(await loadConfig(undefined, environment)).toMatchObject({ value: { path: fromXdg } });
});

test("loadConfig looks into .config of the home folder", async () => {
  const { folder, fromHome } = await folderWithEverything();
  const environment = new TestEnvironment({ homeFolder: folder });
  expect(await loadConfig(undefined, environment)).toMatchObject({ value: { path: fromHome } });
});

test.each(["", "relative/folder"])(
  "loadConfig takes XDG_CONFIG_HOME=%j for not set, as its specification says",
  async (base) => {
    const { folder, fromHome } = await folderWithEverything();
    const variables = { XDG_CONFIG_HOME: base, AIMDB_RELAY_CONFIG: "" };

    const environment = new TestEnvironment({ homeFolder: folder, variables });

    expect(await loadConfig(undefined, environment)).toMatchObject({ value: { path: fromHome } });
  },
);

test("loadConfig gives the defaults where there is no file", async () => {
  const environment = new TestEnvironment({ homeFolder: await freshFolder() });
  expect(await loadConfig(undefined, environment)).toEqual({
    ok: true,
    value: { config: DEFAULT_CONFIG, path: undefined },
  });
});

test.each(["argument", "variable"])(
  "loadConfig refuses a file named by %s that is not there",
  async (by) => {
    const folder = await freshFolder();
    const path = join(folder, "missing.toml");
    const variables = by === "variable" ? { AIMDB_RELAY_CONFIG: path } : {};

    const loaded = await loadConfig(
      by === "argument" ? path : undefined,
      new TestEnvironment({ homeFolder: folder, variables }),
    );

    expect(loaded).toEqual({ ok: false, error: `${path}: there is no such file` });
  },
);

test("loadConfig puts the path before each problem", async () => {
  const folder = await freshFolder();
  const path = join(folder, "bad.toml");
  await writeFile(path, "rate_limit = -1\nnope = 1\n");

  const loaded = await loadConfig(path, new TestEnvironment({ homeFolder: folder }));

  expect(loaded).toEqual({
    ok: false,
    error: `${path}: rate_limit: must be at least 0\n${path}: nope: unknown key`,
  });
});

test("loadConfig says what it can't read, and why", async () => {
  const folder = await freshFolder();
  expect(await loadConfig(folder, new TestEnvironment({ homeFolder: folder }))).toEqual({
    ok: false,
    error: `${folder}: it can't be read (EISDIR). The relay's user needs to read it`,
  });
});

test("loadConfig throws where the next try may read it", async () => {
  const environment = new TestEnvironment({ homeFolder: await freshFolder() });
  await expect(loadConfig("/proc/self/mem", environment)).rejects.toThrow(
    "/proc/self/mem: it can't be read now (EIO)",
  );
});
