import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hashToken, openInstall } from "../../../../worker/selfhost/settings/install.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-install-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test("openInstall makes keys and an admin token once, and keeps only the token's hash", async () => {
  const first = await openInstall(folder, ["A", "B"]);
  const second = await openInstall(folder, ["A", "B"]);
  const stored = await readFile(join(folder, "install.json"), "utf8");

  expect(first.adminToken).toMatch(/^aimdb_admin_[A-Za-z0-9_-]{43}$/);
  expect(first.install.admin_token_sha256).toBe(hashToken(first.adminToken ?? ""));
  expect(second).toEqual({ install: first.install, adminToken: undefined });
  expect(stored).not.toContain(first.adminToken);
});

test("openInstall lets nobody else read", async () => {
  await openInstall(folder, ["A"]);

  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, "install.json"))).mode & 0o777).toBe(0o600);
});

test("openInstall gives a new class a key of its own and changes no other", async () => {
  const before = await openInstall(folder, ["A"]);
  const after = await openInstall(folder, ["A", "B"]);

  expect(after.install.unique_keys["A"]).toBe(before.install.unique_keys["A"]);
  expect(after.install.unique_keys["B"]).toMatch(/^[0-9a-f]{64}$/);
  expect(after.install.unique_keys["B"]).not.toBe(after.install.unique_keys["A"]);
  expect((await openInstall(folder, ["A", "B"])).install).toEqual(after.install);
});

test.each(["objects", "notes.txt"])(
  "openInstall leaves a folder alone that has %s, but no install.json, and says why",
  async (name) => {
    await writeFile(join(folder, name), "");
    await chmod(folder, 0o755);

    await expect(openInstall(folder, ["A"])).rejects.toThrow(
      `${folder} has files, but no install.json`,
    );
    expect((await stat(folder)).mode & 0o777).toBe(0o755);
    expect(await readdir(folder)).toEqual([name]);
  },
);

test.each(["", "{", '{"unique_keys": {}}'])(
  "openInstall says what to do where install.json is %j, and leaves it alone",
  async (text) => {
    const path = join(folder, "install.json");
    await writeFile(path, text);

    await expect(openInstall(folder, ["A"])).rejects.toThrow(
      `${path} is damaged. Put it back from the backup`,
    );
    expect(await readFile(path, "utf8")).toBe(text);
  },
);

test("openInstall takes a volume that is new", async () => {
  await mkdir(join(folder, "lost+found"));

  expect((await openInstall(folder, ["A"])).adminToken).toBeDefined();
});

test("openInstall keeps the keys it has if a new class's can't be stored", async () => {
  const { install } = await openInstall(folder, ["A"]);
  await mkdir(join(folder, "install.json.new"));

  await expect(openInstall(folder, ["A", "B"])).rejects.toThrow("EISDIR");
  expect((await openInstall(folder, ["A"])).install).toEqual(install);
});
