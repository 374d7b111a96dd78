import { access, chmod, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readNames, writeNames } from "../../../relay/identity/names-file.ts";
import { CollectingLog } from "../support/collecting-log.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";

test("readNames gives no names before any was given", async () => {
  expect(await readNames(await freshFolder(), new CollectingLog())).toEqual(new Map());
});

test("readNames reads what writeNames wrote", async () => {
  const folder = await freshFolder();
  const names = new Map([
    ["/tmp/aimdb.sock", "aimdb"],
    ["/var/run/aimdb/aimdb.sock", "aimdb-2"],
  ]);

  await writeNames(folder, names);

  expect(await readNames(folder, new CollectingLog())).toEqual(names);
});

test.each([
  ["{", 0o600],
  ["[]", 0o600],
  ['{"/tmp/a.sock":1}', 0o600],
  ['{"/tmp/a.sock":"A B"}', 0o600],
  ['{"/tmp/a.sock":"a"}', 0o664],
  ['{"/tmp/a.sock":"a"}', 0o602],
])(
  "readNames puts a file aside that it can't use, and says so: %s, mode %o",
  async (text, mode) => {
    const folder = await freshFolder();
    const path = join(folder, "names.json");
    await writeFile(path, text, { mode });
    await chmod(path, mode);
    const log = new CollectingLog();

    expect(await readNames(folder, log)).toEqual(new Map());
    expect(log.of("names_unused")).toMatchObject([{ kept: `${path}.unused` }]);
    expect(await readFile(`${path}.unused`, "utf8")).toBe(text);
    await writeNames(folder, new Map([["/tmp/a.sock", "a"]]));
    expect(await readNames(folder, log)).toEqual(new Map([["/tmp/a.sock", "a"]]));
  },
);

test("readNames reads a file that others may read, since no secret is in it", async () => {
  const folder = await freshFolder();
  const path = join(folder, "names.json");
  await writeFile(path, '{"/tmp/a.sock":"a"}', { mode: 0o644 });
  const log = new CollectingLog();

  expect(await readNames(folder, log)).toEqual(new Map([["/tmp/a.sock", "a"]]));
  expect(log.entries).toEqual([]);
});

test("readNames leaves a file in its place that the next try may read", async () => {
  const folder = await freshFolder();
  const path = join(folder, "names.json");
  await symlink("/proc/self/mem", path);

  await expect(readNames(folder, new CollectingLog())).rejects.toThrow("EIO");

  await expect(access(path)).resolves.toBeUndefined();
});
