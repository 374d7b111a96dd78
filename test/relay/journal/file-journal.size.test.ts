import { mkdir, stat, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { KEPT_BYTES, MAX_BYTES } from "../../../relay/journal/file-journal.ts";
import { APPLIED, benchJournal as begin, idOf, writeOf } from "../support/device/journal-bench.ts";

describe("FileJournal keeps no more than some megabytes", () => {
  test("of long values, and remembers how all ended", { timeout: 60_000 }, async () => {
    const bench = await begin();
    const { journal } = await bench.open();
    const { id } = journal;
    const value = "x".repeat(60_000);

    for (let n = 0; n < 200; n += 1) {
      await journal.begin({ ...writeOf(n), value });
      await journal.end(idOf(n), APPLIED);
    }

    expect((await stat(bench.path)).size).toBeLessThan(MAX_BYTES);
    expect(journal.id).toBe(id);
    expect(journal.find(idOf(0))).toEqual({ state: "ended", outcome: APPLIED });
  });

  test("of long outcomes, the newest, under another name [J-5]", { timeout: 60_000 }, async () => {
    const bench = await begin();
    const result = { ...APPLIED, warnings: ["x".repeat(900), "y".repeat(900)] };
    const lines = Array.from({ length: 5_000 }, (_, n) =>
      JSON.stringify({ t: "outcome", id: idOf(n), at_ms: bench.clock.wallMs(), result }),
    );
    const head = JSON.stringify({ t: "journal", id: "a".repeat(32) });
    await mkdir(bench.folder);
    await writeFile(bench.path, [head, ...lines, ""].join("\n"));

    const { journal } = await bench.open();

    const { size } = await stat(bench.path);
    expect(size).toBeLessThan(KEPT_BYTES + 1_000);
    expect(size).toBeGreaterThan(KEPT_BYTES - 5_000);
    expect(journal.find(idOf(4_999))).toBeDefined();
    expect(journal.find(idOf(1))).toBeUndefined();
    expect(journal.id).not.toBe("a".repeat(32));
  });
});

test("FileJournal keeps no more than ten thousand writes", { timeout: 60_000 }, async () => {
  const bench = await begin();
  const lines = Array.from({ length: 10_000 }, (_, n) =>
    JSON.stringify({ t: "outcome", id: idOf(n), at_ms: bench.clock.wallMs(), result: APPLIED }),
  );
  const head = JSON.stringify({ t: "journal", id: "a".repeat(32) });
  await mkdir(bench.folder);
  await writeFile(bench.path, [head, ...lines, ""].join("\n"));
  const { journal } = await bench.open();
  const before = journal.id;

  await journal.begin(writeOf(20_000));
  await journal.end(idOf(20_000), APPLIED);

  expect(before).toBe("a".repeat(32));
  expect(journal.id).not.toBe(before);
  expect(journal.find(idOf(20_000))).toBeDefined();
  expect(journal.find(idOf(9_999))).toBeDefined();
  expect(journal.find(idOf(1))).toBeUndefined();
  expect(await bench.lines()).toHaveLength(5_001);
});
