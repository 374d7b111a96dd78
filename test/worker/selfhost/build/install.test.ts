import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hashToken, openInstall } from "../../../../worker/selfhost/build/install.ts";

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
