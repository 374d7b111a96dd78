import { describe, expect, test } from "vitest";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import type { Journal, JournaledWrite } from "../../../../relay/journal/journal.ts";
import { MemoryJournal } from "../../../../relay/journal/memory-journal.ts";
import type { WriteRequest } from "../../../../relay/instances/writing/write-check.ts";
import { Writer } from "../../../../relay/instances/writing/writing.ts";
import { startHost, VERSIONS } from "../../support/host-side/host.ts";
import { contextOf, watchHost } from "../../support/host-side/watched-host.ts";
import { until } from "../../support/until.ts";
import { writeOf } from "../../support/worker-side/write-request.ts";

import {
  beginWriting as begin,
  heldBy,
  RECORDS,
  setsOf,
} from "../../support/device/begun-writing.ts";

describe("Writer checks just before the write, on its connection,", () => {
  test.each<[string, Partial<WriteRequest>, object]>([
    ["what is expected", { expected: { n: 9 } }, { outcome: "refused", code: "conflict" }],
    [
      "an expected null, which leaving it out is not,",
      { expected: null },
      {
        outcome: "refused",
        code: "conflict",
        message: expect.stringContaining("leave expected out to write whatever it holds"),
      },
    ],
    [
      "the team's bounds",
      { limits: [{}, { n: { max: 10 } }] },
      { outcome: "refused", code: "refused_by_team", message: expect.stringContaining('"n" must') },
    ],
    [
      "the team's bounds of change",
      { limits: [{ n: { max_change: 0.5 } }] },
      { outcome: "refused", code: "refused_by_team" },
    ],
  ])("%s, and sends nothing [J-13]", async (_name, more, outcome) => {
    const begun = await begin();
    expect(await begun.write("a", { n: 11 }, more)).toMatchObject(outcome);
    expect(setsOf(begun)).toBe(0);
  });

  test("and says that a comparison was not atomic [J-13]", async () => {
    const begun = await begin();
    expect(await begun.write("a", { n: 11 }, { expected: { n: 10 } })).toMatchObject({
      outcome: "applied",
      compared: "not_atomic",
    });
    expect(await begun.write("a", { n: 12 })).not.toHaveProperty("compared");
  });

  test("the shape of what the record held so far, unless told not to", async () => {
    const begun = await begin();

    expect(await begun.write("a", { n: "eleven" })).toMatchObject({
      outcome: "not_applied",
      code: "invalid_value",
      message: expect.stringMatching(/n is text, seen: number\. .*skip_validation/),
    });
    expect(setsOf(begun)).toBe(0);
    expect(await begun.write("a", { n: "eleven" }, { skipsValidation: true })).toMatchObject({
      outcome: "not_applied",
      code: "invalid_value",
    });
    expect(setsOf(begun)).toBe(1);
  });

  test("and sends no JSON in a text on to skip_validation", async () => {
    const begun = await begin();

    expect(await begun.write("a", '{"n": 11}')).toMatchObject({
      outcome: "not_applied",
      code: "invalid_value",
      message: expect.stringMatching(
        /the value is text, seen: object\. Send the value itself, not a text that holds its JSON\.$/,
      ),
    });
    expect(await begun.write("a", "{n")).toMatchObject({
      message: expect.stringContaining("skip_validation"),
    });
  });

  test("the shape of the newest that it held, not of how it began", async () => {
    const begun = await begin();
    for (let n = 1; n <= 200; n += 1) {
      begun.host.produce("any", { n: n <= 100 ? n : `text ${n}` });
      await until("the sample", () => begun.values("any").length === n);
    }

    expect(await begun.write("any", { n: 5 })).toMatchObject({ code: "invalid_value" });
    expect(await begun.write("any", { n: "more" })).not.toMatchObject({ code: "invalid_value" });
  });

  test("and warns of a field that was never seen", async () => {
    const begun = await begin();
    expect(await begun.write("a", { n: 11, more: 1 })).toMatchObject({
      outcome: "applied",
      warnings: ["more was never seen"],
    });
  });
});

describe.each(VERSIONS)("a dry run of Writer on an AimX %s host", (aimx) => {
  test("says what the record holds, and sends nothing but reads [J-12]", async () => {
    const begun = await begin(aimx);

    expect(await begun.write("a", { n: 11 }, { isDryRun: true, approval: undefined })).toEqual({
      outcome: "checked",
      record_key: "a",
      current: { n: 10 },
    });
    expect(setsOf(begun)).toBe(0);
    expect(heldBy(begun, "a")).toBe('{"n":10}');
  });

  test("refuses what a write would be refused for [J-12]", async () => {
    const begun = await begin(aimx, {
      writableRecords: [{ record: "a", fields: { n: { max: 5 } } }],
    });

    expect(await begun.write("a", { n: 11 }, { isDryRun: true })).toMatchObject({
      outcome: "refused",
      code: "refused_by_device",
    });
  });
});

test("a dry run of Writer does not count as a write", async () => {
  const writableRecords = [{ record: "a", max_per_minute: 1 }];
  const begun = await begin("3.0", { writableRecords });
  const dry = () => begun.write("a", { n: 11 }, { isDryRun: true });

  await dry();
  await dry();
  await begun.write("a", { n: 11 });

  expect(setsOf(begun)).toBe(1);
  expect(await dry()).toMatchObject({ outcome: "refused", code: "rate_limited" });
});

describe("Writer and the journal", () => {
  async function beginWith(journal: Partial<Journal>) {
    const kept = new MemoryJournal();
    const host = await startHost({ aimx: "3.0", records: RECORDS });
    const context = {
      ...contextOf(),
      journal: {
        id: kept.id,
        ready: () => kept.ready(),
        find: (id: string) => kept.find(id),
        ended: (id: string) => kept.ended(id),
        begin: (write: JournaledWrite) => kept.begin(write),
        end: (id: string, outcome: WriteOutcome) => kept.end(id, outcome),
        ...journal,
      },
    };
    const watched = await watchHost(host, context);
    const request = { row: watched.row("a"), ...writeOf({ n: 11 }) };
    const sets = () => host.requestCounts.get("record.set") ?? 0;
    const writer = new Writer(context);
    const write = (more: Partial<WriteRequest> = {}) =>
      writer.write(watched.calls, watched.view, { ...request, ...more });
    return { kept, request, sets, write, clock: context.clock };
  }

  test("begin before the host gets a byte, and end before the caller is told [J-2]", async () => {
    const seen: unknown[] = [];
    const { kept, request, sets, write } = await beginWith({
      begin: async (intent) => {
        seen.push(intent, sets());
        return kept.begin(intent);
      },
    });

    const outcome = await write();

    const { callId: id, value } = request;
    expect(seen).toEqual([{ id, instance: "boiler", record: "a", value }, 0]);
    expect(kept.find(id)).toEqual({ state: "ended", outcome });
  });

  test("let the next write begin while an outcome gets to the disk", async () => {
    let onDisk = () => {};
    const synced = new Promise<void>((resolve) => {
      onDisk = resolve;
    });
    const { kept, sets, write } = await beginWith({
      end: async (id, outcome) => {
        await synced;
        return kept.end(id, outcome);
      },
    });
    const told: string[] = [];

    const both = ["a", "b"].map(async (digit) => {
      await write({ callId: digit.repeat(32) });
      told.push(digit);
    });
    await until("the host has both", () => sets() === 2);
    expect(told).toEqual([]);

    onDisk();
    await Promise.all(both);
    expect(told).toEqual(["a", "b"]);
  });

  test("say of an outcome whether another write of the record follows it", async () => {
    const seen: unknown[] = [];
    const { kept, write } = await beginWith({
      end: (id, outcome, isFollowed) => {
        seen.push([id[0], isFollowed]);
        return kept.end(id, outcome);
      },
    });

    await Promise.all(["a", "b"].map((digit) => write({ callId: digit.repeat(32) })));

    expect(seen).toEqual([
      ["a", true],
      ["b", false],
    ]);
  });

  test("send nothing where the intent can't be kept [J-3]", async () => {
    const { sets, write } = await beginWith({ begin: async () => false });

    expect(await write()).toMatchObject({ outcome: "not_applied", code: "journal_unavailable" });
    expect(sets()).toBe(0);
  });

  test("send nothing where time ran out while the intent was kept [J-7]", async () => {
    const { kept, request, clock, sets, write } = await beginWith({
      begin: async (intent) => {
        clock.advance(1_001);
        return kept.begin(intent);
      },
    });

    const outcome = await write({ notAfterMs: clock.monotonicMs() + 1_000 });

    expect(outcome).toMatchObject({ outcome: "not_applied", code: "expired" });
    expect(sets()).toBe(0);
    expect(kept.find(request.callId)).toEqual({ state: "ended", outcome });
  });

  test("send nothing where the link was lost while the intent was kept [J-10] [R-10]", async () => {
    const ending = new AbortController();
    const { kept, sets, write } = await beginWith({
      begin: async (intent) => {
        ending.abort();
        return kept.begin(intent);
      },
    });

    expect(await write({ signal: ending.signal })).toMatchObject({
      outcome: "not_applied",
      code: "link_lost",
    });
    expect(sets()).toBe(0);
  });
});
