import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPrivateFile, writePrivateFile } from "../../../relay/identity/state-dir.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe("writePrivateFile", () => {
  test("makes a file and its folder for the owner only", async () => {
    const folder = join(await freshFolder(), "a", "b");
    const path = join(folder, "key.json");

    await writePrivateFile(path, "secret");

    expect(await readFile(path, "utf8")).toBe("secret");
    expect(await modeOf(path)).toBe(0o600);
    expect(await modeOf(folder)).toBe(0o700);
  });

  test("closes a folder that was open", async () => {
    const folder = join(await freshFolder(), "state");
    await mkdir(folder);
    await chmod(folder, 0o777);

    await writePrivateFile(join(folder, "key.json"), "secret");

    expect(await modeOf(folder)).toBe(0o700);
  });

  test("puts the new text in the old one's place and leaves nothing beside it", async () => {
    const folder = await freshFolder();
    const path = join(folder, "names.json");
    await writePrivateFile(path, "old");

    await writePrivateFile(path, "new");

    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["names.json"]);
  });

  test("does not write into a file that somebody left where it prepares its own", async () => {
    const folder = await freshFolder();
    const path = join(folder, "key.json");
    const left = join(folder, "left");
    await writeFile(left, "");
    await chmod(left, 0o666);
    await symlink(left, `${path}.new`);

    await writePrivateFile(path, "secret");

    expect(await readFile(left, "utf8")).toBe("");
    expect(await modeOf(path)).toBe(0o600);
  });

  test("opens the mode of a file that was too open", async () => {
    const path = join(await freshFolder(), "key.json");
    await writeFile(path, "old");
    await chmod(path, 0o644);

    await writePrivateFile(path, "new");

    expect(await modeOf(path)).toBe(0o600);
  });
});

describe("readPrivateFile", () => {
  test("reads what writePrivateFile wrote", async () => {
    const path = join(await freshFolder(), "key.json");
    await writePrivateFile(path, "é\n");
    expect(await readPrivateFile(path)).toBe("é\n");
  });

  test("gives undefined where there is no file", async () => {
    expect(await readPrivateFile(join(await freshFolder(), "none"))).toBeUndefined();
  });

  test.each([0o604, 0o640, 0o660, 0o644])("refuses a file of mode %o", async (mode) => {
    const path = join(await freshFolder(), "key.json");
    await writeFile(path, "secret");
    await chmod(path, mode);

    const text = `0${mode.toString(8)}`;
    await expect(readPrivateFile(path)).rejects.toThrow(
      `${path} has mode ${text}, expected 0600: run chmod 600 on it`,
    );
  });
});
