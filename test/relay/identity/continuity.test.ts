import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Continuity, readContinuity } from "../../../relay/identity/continuity.ts";
import { CollectingLog } from "../support/collecting-log.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";

const RELAY_ID = "ab".repeat(32);
const VALUES = ["a", "b", "c"].map((letter) => letter.repeat(43));
const [FIRST = "", SECOND = "", THIRD = ""] = VALUES;

async function begin(more: { folder?: string; relayId?: string } = {}) {
  const { folder = join(await freshFolder(), "state"), relayId = RELAY_ID } = more;
  const log = new CollectingLog();
  const continuity = new Continuity({ folder, relayId, log });
  return { folder, path: join(folder, "continuity.json"), log, continuity };
}

describe("Continuity", () => {
  test("shows nothing before a welcome gave anything [D-20]", async () => {
    const { continuity, log } = await begin();

    expect(await continuity.shown()).toBeUndefined();
    expect([continuity.state, log.of("continuity_not_read")]).toEqual(["none", []]);
  });

  test("shows the value that it was given last, stored in a file of its owner's [D-19] [D-20]", async () => {
    const { continuity, path, folder } = await begin();

    for (const value of VALUES) continuity.keep(value);

    expect(await continuity.shown()).toBe(THIRD);
    expect(continuity.state).toBe("kept");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test("goes on from what the process before has stored [D-20]", async () => {
    const { continuity, folder } = await begin();
    continuity.keep(FIRST);
    await continuity.shown();

    expect(await (await begin({ folder })).continuity.shown()).toBe(FIRST);
  });

  test("shows the value of a state that was put back while it runs, as it is that one's history", async () => {
    const { continuity, path } = await begin();
    continuity.keep(FIRST);
    await continuity.shown();
    const backup = await readFile(path);
    continuity.keep(SECOND);
    await continuity.shown();

    await writeFile(path, backup);

    expect(await continuity.shown()).toBe(FIRST);
  });

  test("shows another relay's worker nothing [D-20]", async () => {
    const { continuity, folder } = await begin();
    continuity.keep(FIRST);
    await continuity.shown();

    const other = await begin({ folder, relayId: "cd".repeat(32) });

    expect(await other.continuity.shown()).toBeUndefined();
  });

  test("says that it could not store, shows what it has stored, and recovers [D-19] [D-20]", async () => {
    const { continuity, path, log } = await begin();
    continuity.keep(FIRST);
    await continuity.shown();
    // Not even root can make a file of a folder's name.
    await mkdir(join(`${path}.new`, "full"), { recursive: true });

    continuity.keep(SECOND);

    expect(await continuity.shown()).toBe(FIRST);
    expect(continuity.state).toBe("not_stored");
    expect(log.of("continuity_not_stored")).toHaveLength(1);
    expect(JSON.stringify(log.of("continuity_not_stored"))).not.toContain(SECOND);
    await rm(`${path}.new`, { recursive: true });
    continuity.keep(THIRD);
    expect([await continuity.shown(), continuity.state]).toEqual([THIRD, "kept"]);
  });

  test.each([
    ["is cut off", (path: string) => writeFile(path, '{"relay_id":', { mode: 0o600 })],
    ["others may read", (path: string) => chmod(path, 0o644)],
  ])("shows nothing of a file that %s, and says so", async (_name, spoil) => {
    const { continuity, path, log } = await begin();
    continuity.keep(FIRST);
    await continuity.shown();
    await spoil(path);

    expect(await continuity.shown()).toBeUndefined();
    expect(log.of("continuity_not_read")).toMatchObject([
      { reason: expect.stringContaining("continuity.json") },
    ]);
    expect(JSON.stringify(log.of("continuity_not_read"))).not.toContain(FIRST);
  });
});

test("readContinuity says what to do about a damaged file", async () => {
  const { folder, path } = await begin();
  await mkdir(folder, { mode: 0o700 });
  await writeFile(path, "{}", { mode: 0o600 });

  await expect(readContinuity(folder, RELAY_ID)).rejects.toThrow(`${path} is damaged: delete it`);
});
