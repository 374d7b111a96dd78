import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readNames, writeNames } from "../../../relay/identity/names-file.ts";
import { freshFolder } from "../support/fresh-folder.ts";

test("readNames gives no names before any was given", async () => {
  expect(await readNames(await freshFolder())).toEqual(new Map());
});

test("readNames reads what writeNames wrote", async () => {
  const folder = await freshFolder();
  const names = new Map([
    ["/tmp/aimdb.sock", "aimdb"],
    ["/var/run/aimdb/aimdb.sock", "aimdb-2"],
  ]);

  await writeNames(folder, names);

  expect(await readNames(folder)).toEqual(names);
});

test.each(["{", "[]", '{"/tmp/a.sock":1}', '{"/tmp/a.sock":"A B"}'])(
  "readNames says what to do about a damaged file: %s",
  async (text) => {
    const folder = await freshFolder();
    const path = join(folder, "names.json");
    await writeFile(path, text, { mode: 0o600 });

    await expect(readNames(folder)).rejects.toThrow(
      `${path} is damaged: remove it, and instances are named anew`,
    );
  },
);
