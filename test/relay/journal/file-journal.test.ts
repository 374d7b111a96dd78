import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { FOLLOWED_MS } from "../../../relay/journal/file-journal.ts";
import {
  APPLIED,
  benchJournal as begin,
  DAY_MS,
  idOf,
  writeOf,
} from "../support/device/journal-bench.ts";

describe("FileJournal", () => {
  test("is a file that only its owner may read, in a folder of its own", async () => {
    const bench = await begin();
    await bench.open();

    expect(((await stat(bench.path)).mode & 0o777).toString(8)).toBe("600");
    expect(((await stat(bench.folder)).mode & 0o777).toString(8)).toBe("700");
  });

  test("keeps its name over restarts [J-1]", async () => {
    const bench = await begin();
    const first = await bench.open();
    await first.journal.begin(writeOf(1));
    const { id } = first.journal;
    await first.journal.close();

    const second = await bench.open();

    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(second.journal.id).toBe(id);
  });

  test("has an intent on disk before it says so [J-2]", async () => {
    const bench = await begin();
    const { journal } = await bench.open();

    expect(await journal.begin(writeOf(1))).toBe(true);

    expect(JSON.parse((await bench.lines())[1] ?? "")).toMatchObject({
      t: "intent",
      ...writeOf(1),
    });
    expect(journal.find(idOf(1))).toEqual({ state: "under_way" });
  });

  test("puts what waits on the disk together [J-2]", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    const numbers = Array.from({ length: 16 }, (_, n) => n);

    const begun = await Promise.all(numbers.map((n) => journal.begin(writeOf(n))));

    expect(begun).toEqual(numbers.map(() => true));
    expect(bench.syncs).toBe(1);
    expect(await bench.ids()).toEqual(numbers.map(idOf));
  });

  test("puts an outcome that is followed on the disk with the intent that follows it", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    await journal.begin(writeOf(1));

    const told = journal.end(idOf(1), APPLIED, true);
    await journal.begin(writeOf(2));
    await told;

    expect(bench.syncs).toBe(2);
    expect(await bench.ids()).toEqual([idOf(1), idOf(1), idOf(2)]);
  });

  test("waits a moment for what follows an outcome, and tells it only behind its sync", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    await journal.begin(writeOf(1));

    const told = journal.end(idOf(1), APPLIED, true).then(() => bench.syncs);
    expect(bench.syncs).toBe(1);
    expect(journal.find(idOf(1))).toEqual({ state: "under_way" });
    bench.clock.advance(FOLLOWED_MS);

    expect(await told).toBe(2);
    expect(await bench.ids()).toEqual([idOf(1), idOf(1)]);
  });

  test("closes with the outcome that nothing followed", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    await journal.begin(writeOf(1));

    const told = journal.end(idOf(1), APPLIED, true);
    await journal.close();
    await told;

    expect(await bench.ids()).toEqual([idOf(1), idOf(1)]);
  });

  test("keeps none of the lines that could not be written together [J-3]", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    await journal.begin(writeOf(1));

    bench.isFull = true;
    const begun = await Promise.all([2, 3].map((n) => journal.begin(writeOf(n))));
    bench.isFull = false;
    await journal.begin(writeOf(4));

    expect(begun).toEqual([false, false]);
    expect(journal.find(idOf(2))).toBeUndefined();
    expect(await bench.ids()).toEqual([idOf(1), idOf(4)]);
  });

  test("remembers how writes ended, over a restart", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    await journal.begin(writeOf(1));
    await journal.end(idOf(1), APPLIED);
    await journal.close();

    const { journal: again, left } = await bench.open();

    expect(again.find(idOf(1))).toEqual({ state: "ended", outcome: APPLIED });
    expect(left).toEqual([]);
  });

  test("gives what an earlier process left open, until it is ended", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    await journal.begin(writeOf(1));
    await journal.close();

    const second = await bench.open();
    await second.journal.close();
    const third = await bench.open();
    await third.journal.end(idOf(1), APPLIED);
    await third.journal.close();
    const fourth = await bench.open();

    expect([second.left, third.left, fourth.left]).toEqual([[writeOf(1)], [writeOf(1)], []]);
  });

  test("tells who waits for an end, at once where it is known or there is none", async () => {
    const { journal } = await (await begin()).open();
    await journal.begin(writeOf(1));
    let isEnded = false;
    const ended = journal.ended(idOf(1)).then(() => {
      isEnded = true;
    });
    await journal.ended(idOf(2));
    expect(isEnded).toBe(false);

    await journal.end(idOf(1), APPLIED);
    await ended;

    await journal.ended(idOf(1));
  });

  test("writes on behind a line that was cut [J-4]", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    await journal.begin(writeOf(1));
    await journal.close();
    const text = await readFile(bench.path, "utf8");
    await writeFile(bench.path, `${text}{"t":"outcome","id":"${idOf(1)}","at_`);

    const second = await bench.open();
    await second.journal.begin(writeOf(2));
    await second.journal.close();
    const third = await bench.open();

    expect(second.journal.find(idOf(1))).toEqual({ state: "under_way" });
    expect(third.left.map(({ id }) => id)).toEqual([idOf(1), idOf(2)]);
  });

  test("takes another name where a line can't be read any more [J-5]", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    const { id } = journal;
    await journal.begin(writeOf(1));
    await journal.close();
    const [head, ...rest] = await bench.lines();
    await writeFile(bench.path, [head, "%%%", ...rest, ""].join("\n"));

    const again = await bench.open();

    expect(again.journal.id).not.toBe(id);
    expect(again.left).toEqual([writeOf(1)]);
  });

  test("forgets after a week, under another name [J-5]", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    const { id } = journal;
    await journal.begin(writeOf(1));
    await journal.end(idOf(1), APPLIED);
    await journal.begin(writeOf(2));
    await journal.close();

    bench.clock.stepWall(6 * DAY_MS);
    const kept = await bench.open();
    await kept.journal.close();
    bench.clock.stepWall(2 * DAY_MS);
    const forgot = await bench.open();

    expect(kept.journal.find(idOf(1))).toBeDefined();
    expect(forgot.journal.find(idOf(1))).toBeUndefined();
    expect(forgot.journal.id).not.toBe(id);
    // One that is open is never forgotten: nothing is known of its end.
    expect(forgot.left).toEqual([writeOf(2)]);
  });

  test("is not there where its folder is none [J-1]", async () => {
    const bench = await begin();
    await writeFile(bench.folder, "a file");

    const { journal } = await bench.open();

    expect(journal.id).toBeUndefined();
    expect(await journal.begin(writeOf(1))).toBe(false);
    expect(journal.find(idOf(1))).toBeUndefined();
    expect(bench.log.of("journal_unavailable")).toHaveLength(1);
  });

  test("has nothing to say for a write once it is closed [J-3]", async () => {
    const { journal } = await (await begin()).open();
    await journal.close();

    expect(await journal.begin(writeOf(1))).toBe(false);
  });

  test.skipIf(process.getuid?.() === 0)("is not there where it may not be written", async () => {
    const bench = await begin();
    await mkdir(bench.folder, { mode: 0o500 });
    onTestFinished(() => chmod(bench.folder, 0o700));

    expect((await bench.open()).journal.id).toBeUndefined();
  });
});
