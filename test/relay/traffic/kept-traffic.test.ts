import { existsSync } from "node:fs";
import { chmod, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KeptTraffic } from "../../../relay/traffic/kept-traffic.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { CollectingLog } from "../support/collecting-log.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { turns, until } from "../support/until.ts";

const MINUTE_MS = 60_000;

async function begin(text?: string) {
  const folder = await freshFolder();
  const path = join(folder, "traffic.json");
  if (text !== undefined) await writeFile(path, text, { mode: 0o600 });
  const clock = new ManualClock();
  const log = new CollectingLog();
  const open = () => KeptTraffic.open({ folder, clock, log, storedEachMinutes: 2 });
  return { folder, path, clock, log, open };
}

describe("KeptTraffic", () => {
  test("is stored when the relay ends, and goes on from there", async () => {
    const { path, open } = await begin();
    const first = await open();
    first.start();
    first.counts.noteSent(100);
    await first.close();
    const second = await open();
    second.counts.noteReceived(11);

    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(second.now()).toMatchObject({
      hour: { sent: 100, received: 11 },
      month: { sent: 100, received: 11 },
    });
  });

  test("is stored as often as it is to be, and no oftener", async () => {
    const { path, clock, open } = await begin();
    const traffic = await open();
    traffic.start();
    traffic.counts.noteSent(100);
    clock.advance(MINUTE_MS);
    await turns();
    const early = existsSync(path);
    clock.advance(MINUTE_MS);
    await until("the file", () => existsSync(path));

    expect(early).toBe(false);
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ hours: [{ sent: 100 }] });
    await traffic.close();
    expect(clock.timerCount).toBe(0);
  });

  test("gives each hour its own, however seldom somebody asks", async () => {
    const { clock, open } = await begin();
    const traffic = await open();
    traffic.start();
    clock.advance(59 * MINUTE_MS);
    traffic.counts.noteSent(100);
    clock.advance(MINUTE_MS);
    traffic.counts.noteSent(1);
    clock.advance(MINUTE_MS);

    expect(traffic.now()).toMatchObject({ hour: { sent: 1 }, month: { sent: 101 } });
    await traffic.close();
  });

  test.each(["no JSON", '{"hours":[]}', '{"hours":[{"begin_ms":0,"sent":-1}],"months":[]}'])(
    "puts a file aside that is %s, and counts anew",
    async (text) => {
      const { path, log, open } = await begin(text);
      const traffic = await open();

      expect(traffic.now()).toMatchObject({ hour: { sent: 0 }, month: { sent: 0 } });
      expect(log.of("traffic_unused")).toHaveLength(1);
      expect(await readFile(`${path}.unused`, "utf8")).toBe(text);
    },
  );

  test("puts a file aside that others may read", async () => {
    const { path, log, open } = await begin('{"hours":[],"months":[]}');
    await chmod(path, 0o644);
    await open();

    expect(log.of("traffic_unused")).toHaveLength(1);
  });

  test("says once that it can't be stored, until it was stored again", async () => {
    const { folder, clock, log, open } = await begin();
    const traffic = await open();
    traffic.start();
    await rm(folder, { recursive: true });
    await writeFile(folder, "no folder");
    clock.advance(4 * MINUTE_MS);
    await traffic.close();

    expect(log.of("traffic_not_stored")).toHaveLength(1);
  });
});
