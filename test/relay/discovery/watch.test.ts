import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { watchFolders } from "../../../relay/discovery/watch.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { turns, until } from "../support/until.ts";

async function watchFresh() {
  const folder = await freshFolder();
  const seen = { changes: 0 };
  const stop = watchFolders([join(folder, "missing"), folder], () => {
    seen.changes += 1;
  });
  onTestFinished(stop);
  return { folder, seen, stop };
}

test("watchFolders tells of a socket that appears, beside a folder that is missing", async () => {
  const { folder, seen } = await watchFresh();
  await writeFile(join(folder, "a.sock"), "");
  await until("the change", () => seen.changes > 0);
  expect(seen.changes).toBeGreaterThan(0);
});

test("watchFolders tells of a socket that is moved into its place, and of one that goes", async () => {
  const { folder, seen } = await watchFresh();
  await writeFile(join(folder, "a.sock~"), "");
  await turns();
  expect(seen.changes).toBe(0);

  await rename(join(folder, "a.sock~"), join(folder, "a.sock"));
  await until("the new name", () => seen.changes > 0);
  const before = seen.changes;
  await rm(join(folder, "a.sock"));
  await until("the end", () => seen.changes > before);

  expect(seen.changes).toBeGreaterThan(before);
});

test("watchFolders is silent about other files, and once it ended", async () => {
  const { folder, seen, stop } = await watchFresh();
  await writeFile(join(folder, "a.txt"), "");
  await turns();
  stop();
  await writeFile(join(folder, "a.sock"), "");
  await turns();
  expect(seen.changes).toBe(0);
});
