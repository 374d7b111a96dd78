import { rm } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { RETRY_MS } from "../../../relay/journal/file-journal.ts";
import {
  APPLIED,
  benchJournal as begin,
  DAY_MS,
  idOf,
  writeOf,
} from "../support/device/journal-bench.ts";

describe("FileJournal that can't be written", () => {
  async function broken() {
    const bench = await begin();
    const { journal } = await bench.open();
    const { id } = journal;
    await journal.begin(writeOf(1));
    await journal.begin(writeOf(2));
    const unblock = await bench.blockRewrite();
    bench.isFull = true;
    bench.isBroken = true;
    const isBegun = await journal.begin(writeOf(3));
    bench.isFull = false;
    bench.clock.advance(RETRY_MS);
    return { bench, journal, id, unblock, isBegun };
  }

  test("refuses writes until it is whole again, then goes on by itself [J-3]", async () => {
    const { bench, journal, id, unblock, isBegun } = await broken();
    expect([isBegun, journal.id, await journal.ready()]).toEqual([false, undefined, false]);
    expect(await journal.begin(writeOf(4))).toBe(false);

    await unblock();
    bench.clock.advance(RETRY_MS);

    expect(await journal.ready()).toBe(true);
    expect(journal.id).toBe(id);
    expect(await journal.begin(writeOf(5))).toBe(true);
    expect(await bench.ids()).toEqual([1, 2, 5].map(idOf));
    expect(bench.log.of("journal_available")).toHaveLength(1);
  });

  test("does not try for each write that is asked for", async () => {
    const { bench, journal, unblock } = await broken();
    expect(await journal.ready()).toBe(false);
    await unblock();

    bench.clock.advance(RETRY_MS - 1);
    expect(await journal.ready()).toBe(false);
    bench.clock.advance(1);
    expect(await journal.ready()).toBe(true);
  });

  test("knows meanwhile how writes ended, and keeps it when it can", async () => {
    const { bench, journal, unblock } = await broken();
    await journal.end(idOf(1), APPLIED);
    expect(journal.find(idOf(1))).toEqual({ state: "ended", outcome: APPLIED });

    await unblock();
    await journal.ready();
    await journal.close();
    const { journal: again, left } = await bench.open();

    expect(again.find(idOf(1))).toEqual({ state: "ended", outcome: APPLIED });
    expect(left.map(({ id }) => id)).toEqual([idOf(2)]);
  });

  test("keeps the end of a write that the file lacks", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    await journal.begin(writeOf(1));
    bench.isFull = true;
    await journal.end(idOf(1), APPLIED);
    bench.isFull = false;
    bench.clock.advance(RETRY_MS);

    expect(await journal.ready()).toBe(true);
    await journal.close();

    expect((await bench.open()).journal.find(idOf(1))).toMatchObject({ state: "ended" });
  });

  test("when it is opened says what was left open, and recovers [J-6]", async () => {
    const bench = await begin();
    const first = await bench.open();
    await first.journal.begin(writeOf(1));
    await first.journal.close();
    const unblock = await bench.blockRewrite();

    const { journal, left } = await bench.open();
    expect(journal.id).toBeUndefined();
    expect(left).toEqual([writeOf(1)]);

    await unblock();
    bench.clock.advance(RETRY_MS);
    expect(await journal.ready()).toBe(true);
    expect(await bench.ids()).toEqual([idOf(1)]);
  });

  test("has another name where it had to forget [J-5]", async () => {
    const { bench, journal, id, unblock } = await broken();
    await journal.end(idOf(1), APPLIED);
    bench.clock.stepWall(8 * DAY_MS);
    expect(await journal.ready()).toBe(false);

    await unblock();
    bench.clock.advance(RETRY_MS);
    await journal.ready();

    expect(journal.id).toMatch(/^[0-9a-f]{32}$/);
    expect(journal.id).not.toBe(id);
  });

  test("is not opened again once it was closed", async () => {
    const { journal, unblock } = await broken();
    await unblock();
    await journal.close();
    expect(await journal.ready()).toBe(false);
  });
});

describe("FileJournal in whose place another process has put its own", () => {
  test("begins nothing any more, so that the other's word is final [J-3] [J-11]", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    await journal.begin(writeOf(1));
    const { journal: other, left } = await bench.open();

    const isBegun = await journal.begin(writeOf(2));
    bench.clock.advance(RETRY_MS);

    expect([isBegun, await journal.ready(), journal.id]).toEqual([false, false, undefined]);
    expect(left.map(({ id }) => id)).toEqual([idOf(1)]);
    expect(await other.begin(writeOf(3))).toBe(true);
    expect(await bench.ids()).toEqual([1, 3].map(idOf));
    expect(bench.log.of("journal_unavailable")).toMatchObject([
      { reason: "another relay runs with this state folder" },
    ]);
  });

  test("takes its place again where the file was only removed", async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    const { id } = journal;
    await journal.begin(writeOf(1));
    await rm(bench.path);

    const isBegun = await journal.begin(writeOf(2));
    bench.clock.advance(RETRY_MS);

    expect([isBegun, await journal.ready(), journal.id]).toEqual([false, true, id]);
    expect(await bench.ids()).toEqual([idOf(1)]);
  });
});
