import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findPaths, watchedFolders } from "../../../relay/discovery/find-paths.ts";
import { freshFolder } from "../support/fresh-folder.ts";

async function folderWith(...files: string[]): Promise<string> {
  const folder = await freshFolder();
  for (const file of files) {
    const path = join(folder, file);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, "");
  }
  return folder;
}

/** The paths found, as they lie in the folder. */
async function found(folder: string, ...patterns: string[]): Promise<string[]> {
  const paths = await findPaths(patterns.map((pattern) => join(folder, pattern)));
  return paths.map((path) => path.slice(folder.length + 1));
}

describe("findPaths", () => {
  test("gives what matches, sorted", async () => {
    const folder = await folderWith("b.sock", "a.sock", "a.txt", "sock");
    expect(await found(folder, "*.sock")).toEqual(["a.sock", "b.sock"]);
  });

  test("matches every segment", async () => {
    const folder = await folderWith("x1/run/a.sock", "x2/run/b.sock", "y1/run/c.sock", "x3/d.sock");
    expect(await found(folder, "x?/run/*.sock")).toEqual(["x1/run/a.sock", "x2/run/b.sock"]);
  });

  test("gives a path once, however many patterns match it", async () => {
    const folder = await folderWith("a.sock");
    expect(await found(folder, "*.sock", "a.*", "a.sock")).toEqual(["a.sock"]);
  });

  test.each(["with space.sock", "[a].sock", "ä温.sock", "a'b\"c.sock", ".hidden.sock", "-x.sock"])(
    "finds the file %j",
    async (file) => {
      const folder = await folderWith(file);
      expect(await found(folder, "*.sock")).toEqual([file]);
    },
  );

  test("takes brackets in a pattern for what they are", async () => {
    const folder = await folderWith("[a]1.sock", "a1.sock");
    expect(await found(folder, "[a]*.sock")).toEqual(["[a]1.sock"]);
  });

  test("gives a path without a glob though nothing is there", async () => {
    const folder = await freshFolder();
    expect(await found(folder, "gone.sock")).toEqual(["gone.sock"]);
  });

  test.each(["none/*.sock", "*/none.sock", "file/*.sock"])(
    "gives nothing where %s leads nowhere",
    async (pattern) => {
      const folder = await folderWith("file");
      expect(await found(folder, pattern)).toEqual([]);
    },
  );

  test("gives a link that leads nowhere, so that it can be told", async () => {
    const folder = await freshFolder();
    await symlink(join(folder, "gone"), join(folder, "link.sock"));
    expect(await found(folder, "*.sock")).toEqual(["link.sock"]);
  });

  test("gives nothing for no patterns", async () => {
    expect(await findPaths([])).toEqual([]);
  });
});

test.each<[string[], string[]]>([
  [["/tmp/*.sock"], ["/tmp"]],
  [["/var/run/aimdb/a.sock"], ["/var/run/aimdb"]],
  [["/srv/*/run/a.sock"], ["/srv"]],
  [["/*.sock"], ["/"]],
  [["/a.sock"], ["/"]],
  [
    ["/tmp/*.sock", "/tmp/b.sock", "/run/?.sock"],
    ["/tmp", "/run"],
  ],
  [[], []],
])("watchedFolders(%j) is %j", (patterns, folders) => {
  expect(watchedFolders(patterns)).toEqual(folders);
});
