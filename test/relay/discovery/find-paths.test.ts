import { link, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MAX_MATCHES, PathFinder, watchedFolders } from "../../../relay/discovery/find-paths.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { startSocket } from "../support/host-side/scripted-socket.ts";

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
  const finder = new PathFinder(patterns.map((pattern) => join(folder, pattern)));
  const { paths } = await finder.next();
  return paths.map((path) => path.slice(folder.length + 1));
}

describe("PathFinder", () => {
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
    expect(await new PathFinder([]).next()).toEqual({ paths: [], crowded: [] });
  });
});

/** All of one socket. */
async function fill(folder: string, count: number): Promise<void> {
  const { socketPath } = await startSocket();
  const names = Array.from({ length: count }, (_, i) => join(folder, `${i}.sock`));
  await Promise.all(names.map((name) => link(socketPath, name)));
}

describe("PathFinder in a folder of more sockets than it takes", () => {
  test("gives each of them in turn, and the other patterns' at every look", async () => {
    const folder = await folderWith("b/own.sock");
    await mkdir(join(folder, "a"));
    await fill(join(folder, "a"), MAX_MATCHES + 2);
    const crowded = join(folder, "a", "*.sock");
    const own = join(folder, "b", "own.sock");
    const finder = new PathFinder([crowded, join(folder, "b", "*.sock")]);

    const looks = [await finder.next(), await finder.next()];

    expect(looks.map((look) => look.crowded)).toEqual([[crowded], [crowded]]);
    expect(looks.map((look) => look.paths.length)).toEqual([MAX_MATCHES + 1, 3]);
    expect(looks.every((look) => look.paths.includes(own))).toBe(true);
    expect(new Set(looks.flatMap((look) => look.paths)).size).toBe(MAX_MATCHES + 3);
    expect((await finder.next()).paths).toEqual(looks[0]?.paths);
  });

  test("gives what is left when the others are gone", async () => {
    const folder = await freshFolder();
    await fill(folder, MAX_MATCHES + 1);
    const finder = new PathFinder([join(folder, "*.sock")]);
    await finder.next();
    for (let i = 1; i <= MAX_MATCHES; i += 1) await rm(join(folder, `${i}.sock`));
    expect(await finder.next()).toEqual({ paths: [join(folder, "0.sock")], crowded: [] });
  });
});

test("PathFinder finds sockets behind any number of other files, of which it gives a few", async () => {
  const folder = await freshFolder();
  const files = Array.from({ length: MAX_MATCHES + 2 }, (_, i) => join(folder, `${i}.sock`));
  await Promise.all(files.map((file) => writeFile(file, "")));
  const { socketPath } = await startSocket();
  await link(socketPath, join(folder, "own.sock"));

  const { paths, crowded } = await new PathFinder([join(folder, "*.sock")]).next();

  expect(paths).toContain(join(folder, "own.sock"));
  expect(paths).toHaveLength(65);
  expect(crowded).toEqual([]);
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
