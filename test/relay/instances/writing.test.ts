import { describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json.ts";
import type { Config } from "../../../relay/config.ts";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import type { Journal, JournaledWrite } from "../../../relay/journal/journal.ts";
import { MemoryJournal } from "../../../relay/journal/memory-journal.ts";
import type { WriteRequest } from "../../../relay/instances/write-check.ts";
import { Writer } from "../../../relay/instances/writing.ts";
import type { RecordDefinition } from "../../../worker/selfhost/simulator/database/record-definition.ts";
import { latest, mailbox, ring, startHost, VERSIONS, type Version } from "../support/host.ts";
import { contextOf, watchHost } from "../support/watched-host.ts";
import { turns, until } from "../support/until.ts";
import { WRITE_TIMEOUT_MS, writeOf } from "../support/write-request.ts";

const RECORDS: readonly RecordDefinition[] = [
  latest("a", { initial: { n: 10 } }),
  latest("b"),
  latest("temp", { shape: { struct: { celsius: "f32" } } }),
  latest("made", { origin: { kind: "source" } }),
  latest("closed", { writable: false }),
  mailbox("command"),
  ring("log", { writable: true }),
];

const TIMEOUT_MS = WRITE_TIMEOUT_MS;

async function begin(aimx: Version = "3.0", config: Partial<Config> = {}) {
  const host = await startHost({ aimx, records: RECORDS });
  const context = contextOf(config);
  const watched = await watchHost(host, context);
  const writer = new Writer(context);
  const write = (key: string, value: JsonValue, more: Partial<WriteRequest> = {}) =>
    writer.write(watched.calls, watched.view, {
      row: watched.row(key),
      ...writeOf(value, more),
    });
  return { host, clock: context.clock, ...watched, write };
}

type Begun = Awaited<ReturnType<typeof begin>>;

function setsOf({ host }: Begun): number {
  return host.requestCounts.get("record.set") ?? 0;
}

/** What the application holds, as the host itself has it. */
function heldBy({ host }: Begun, key: string): string | undefined {
  return host.database.find(key)?.lastWritten?.sorted;
}

describe.each(VERSIONS)("Writer on an AimX %s host", (aimx) => {
  test("says applied once the host has it [M-5]", async () => {
    const begun = await begin(aimx);
    expect(await begun.write("a", { n: 11 })).toEqual({
      outcome: "applied",
      record_key: "a",
      echo: "same",
    });
    expect(heldBy(begun, "a")).toBe('{"n":11}');
  });

  test.each([21.7, 0.1 + 0.2])("takes the f32 of %d for what was written", async (celsius) => {
    const begun = await begin(aimx);
    expect(await begun.write("temp", { celsius })).toMatchObject({ echo: "same" });
  });

  test("says that the host holds something else [M-5]", async () => {
    const begun = await begin(aimx);
    expect(await begun.write("a", { n: 11, unknown: true })).toMatchObject({
      outcome: "applied",
      echo: "differs",
    });
  });

  test("gives a command to the application", async () => {
    const begun = await begin(aimx);
    expect(await begun.write("command", { n: 1 })).toMatchObject({ outcome: "applied" });
    const command = begun.host.database.find("command");
    await until("the application has it", () => command?.lastTapped !== undefined);
  });

  test("says not_applied where the value does not fit the record's type [M-7]", async () => {
    const begun = await begin(aimx);
    expect(await begun.write("a", { n: "eleven" }, { skipsValidation: true })).toMatchObject({
      outcome: "not_applied",
      code: "invalid_value",
    });
    expect(heldBy(begun, "a")).toBe('{"n":10}');
  });

  test("lets the next reader see what changed", async () => {
    const begun = await begin(aimx);
    const before = begun.host.requestCounts.get("record.list");
    await begun.write("a", { n: 11 });
    await begun.context.catalog.view(begun.calls);
    expect(begun.host.requestCounts.get("record.list")).toBe((before ?? 0) + 1);
  });
});

describe.each(VERSIONS)("Writer on an AimX %s host that fails", (aimx) => {
  test("says unknown where the answer is lost, though it was carried out [M-8]", async () => {
    const begun = await begin(aimx);
    begun.host.setFaults({ unansweredMethod: "record.set" });

    const outcome = begun.write("a", { n: 11 });
    await until("it is carried out", () => setsOf(begun) === 1);
    begun.clock.advance(TIMEOUT_MS);

    expect(await outcome).toMatchObject({ outcome: "unknown", code: "instance_slow" });
    expect(heldBy(begun, "a")).toBe('{"n":11}');
  });

  test("says unknown where the host hangs up behind the write [M-8]", async () => {
    const begun = await begin(aimx);
    begun.host.setFaults({ closeOnSet: true });
    expect(await begun.write("a", { n: 11 })).toMatchObject({
      outcome: "unknown",
      code: "instance_down",
      message: expect.stringContaining("read the record before writing again"),
    });
    expect(setsOf(begun)).toBe(1);
  });

  test("says unknown where the answer is cut off [M-8]", async () => {
    const begun = await begin(aimx);
    // Behind the greeting, the list and the graph's three parts.
    begun.host.setFaults({ cutReply: 6 });
    expect(await begun.write("a", { n: 11 })).toMatchObject({ outcome: "unknown" });
    expect(heldBy(begun, "a")).toBe('{"n":11}');
  });

  test("says unknown where the host hangs with the write unread [M-8]", async () => {
    const begun = await begin(aimx);
    begun.host.setFaults({ hang: true });
    const outcome = begun.write("a", { n: 11 });
    await turns();
    begun.clock.advance(TIMEOUT_MS);
    expect(await outcome).toMatchObject({ outcome: "unknown", code: "instance_slow" });
  });

  test("says not_applied where the connection was gone before [M-7]", async () => {
    const begun = await begin(aimx);
    begun.host.dropConnections();
    await begun.calls.closed;
    expect(await begun.write("a", { n: 11 })).toMatchObject({
      outcome: "not_applied",
      code: "instance_down",
    });
    expect(setsOf(begun)).toBe(0);
  });

  test("never writes a second time [M-10]", async () => {
    const begun = await begin(aimx);
    begun.host.setFaults({ closeOnSet: true });
    await begun.write("a", { n: 11 });
    await turns();
    expect(setsOf(begun)).toBe(1);
  });
});

describe("Writer sends nothing where", () => {
  test.each<[string, string, Partial<Config>, object]>([
    ["the application produces the record", "made", {}, { code: "refused_by_device" }],
    ["the host closes the record", "closed", {}, { code: "refused_by_host" }],
    [
      "the device file does not open it",
      "a",
      { writableRecords: [{ record: "b" }] },
      { code: "refused_by_device" },
    ],
    [
      "it asks for an approval on the device [M-12]",
      "a",
      { confirmWrites: "local" },
      { code: "confirmation_required", message: expect.stringContaining("confirm_writes") },
    ],
    [
      "a bound is broken",
      "a",
      { writableRecords: [{ record: "a", fields: { n: { max: 10 } } }] },
      { message: 'The device file refuses the value. "n" must be at most 10.' },
    ],
    [
      "a change is too large",
      "a",
      { writableRecords: [{ record: "a", fields: { n: { max_change: 0.5 } } }] },
      { message: 'The device file refuses the value. "n" may change by at most 0.5 at a time.' },
    ],
    [
      "a change can't be judged",
      "b",
      { writableRecords: [{ record: "b", fields: { n: { max_change: 5 } } }] },
      { message: expect.stringContaining("holds no number to compare with") },
    ],
  ])("%s [M-6] [X-3]", async (_name, key, config, refusal) => {
    const begun = await begin("3.0", config);
    expect(await begun.write(key, { n: 11 })).toMatchObject({ outcome: "refused", ...refusal });
    expect(setsOf(begun)).toBe(0);
  });

  test("nobody waits for it any more [M-7]", async () => {
    const begun = await begin();
    expect(await begun.write("a", { n: 11 }, { signal: AbortSignal.abort() })).toMatchObject({
      outcome: "not_applied",
      code: "link_lost",
    });
    expect(setsOf(begun)).toBe(0);
  });

  test("the value to compare with does not come", async () => {
    const writableRecords = [{ record: "a", fields: { n: { max_change: 5 } } }];
    const begun = await begin("3.0", { writableRecords });
    begun.host.setFaults({ unansweredMethod: "record.get" });

    const outcome = begun.write("a", { n: 11 });
    await turns();
    begun.clock.advance(TIMEOUT_MS);

    expect(await outcome).toMatchObject({ outcome: "not_applied", code: "instance_slow" });
    expect(setsOf(begun)).toBe(0);
  });
});

test("Writer lets a change pass that is as large as allowed, each against the one before", async () => {
  const writableRecords = [{ record: "a", fields: { n: { max_change: 5 } } }];
  const begun = await begin("3.0", { writableRecords });

  const outcomes = [];
  for (const n of [15, 20, 26]) outcomes.push(await begun.write("a", { n }));

  expect(outcomes).toMatchObject([
    { outcome: "applied" },
    { outcome: "applied" },
    { outcome: "refused" },
  ]);
});

test("Writer judges changes that come at once each against the one before", async () => {
  const writableRecords = [{ record: "a", fields: { n: { max_change: 5 } } }];
  const begun = await begin("3.0", { writableRecords });

  const outcomes = await Promise.all([15, 20, 26].map((n) => begun.write("a", { n })));

  expect(outcomes.map(({ outcome }) => outcome)).toEqual(["applied", "applied", "refused"]);
  expect(heldBy(begun, "a")).toBe('{"n":20}');
});

describe("Writer keeps the device file's rate", () => {
  const writableRecords = [{ record: "*", max_per_minute: 2 }];

  test("of each record", async () => {
    const begun = await begin("3.0", { writableRecords });
    const outcomes = [];
    for (const key of ["a", "a", "a", "b"]) outcomes.push(await begun.write(key, { n: 1 }));

    expect(outcomes).toMatchObject([
      { outcome: "applied" },
      { outcome: "applied" },
      { outcome: "refused", code: "rate_limited", details: { retry_after_s: 30 } },
      { outcome: "applied" },
    ]);
    expect(setsOf(begun)).toBe(3);
  });

  test("and lets writes pass again as time goes by", async () => {
    const begun = await begin("3.0", { writableRecords });
    for (const n of [1, 2, 3]) await begun.write("a", { n });
    begun.clock.advance(30_000);
    expect(await begun.write("a", { n: 4 })).toMatchObject({ outcome: "applied" });
  });

  test("of the strictest entry", async () => {
    const entries = [...writableRecords, { record: "a", max_per_minute: 1 }];
    const begun = await begin("3.0", { writableRecords: entries });
    await begun.write("a", { n: 1 });
    expect(await begun.write("a", { n: 2 })).toMatchObject({ code: "rate_limited" });
  });
});

describe("Writer has one write of a record under way", () => {
  test("and goes on when that one has failed [M-11]", async () => {
    const begun = await begin();
    begun.host.setFaults({ unansweredMethod: "record.set" });
    const first = begun.write("a", { n: 11 });
    const second = begun.write("a", { n: 12 });
    const other = begun.write("b", { n: 13 });
    await until("two are carried out", () => setsOf(begun) === 2);
    await turns();
    expect(setsOf(begun)).toBe(2);

    begun.clock.advance(TIMEOUT_MS);

    expect(await first).toMatchObject({ outcome: "unknown" });
    expect(await other).toMatchObject({ outcome: "unknown" });
    expect(await second).toMatchObject({ outcome: "not_applied", code: "instance_down" });
    expect(heldBy(begun, "a")).toBe('{"n":11}');
  });

  test("and does not begin one that nobody waits for when its turn comes [R-10]", async () => {
    const begun = await begin();
    begun.host.setFaults({ hang: true });
    const aborter = new AbortController();
    const first = begun.write("a", { n: 11 });
    const second = begun.write("a", { n: 12 }, { signal: aborter.signal });

    aborter.abort();
    begun.host.setFaults({});

    expect(await first).toMatchObject({ outcome: "applied" });
    expect(await second).toMatchObject({ outcome: "not_applied", code: "link_lost" });
    expect(setsOf(begun)).toBe(1);
  });
});

test.each(["2.0", "3.0"] as const)(
  "Writer says on AimX %s that a ring gives no echo",
  async (aimx) => {
    const host = await startHost({ aimx, records: [ring("log", { writable: true })] });
    const context = contextOf();
    const { calls, view, row } = await watchHost(host, context);
    const request = { row: row("log"), ...writeOf({ n: 1 }) };

    expect(await new Writer(context).write(calls, view, request)).toEqual({
      outcome: "applied",
      record_key: "log",
      echo: "absent",
    });
  },
);

describe("Writer checks just before the write, on its connection,", () => {
  test.each<[string, Partial<WriteRequest>, object]>([
    ["what is expected", { expected: { n: 9 } }, { outcome: "refused", code: "conflict" }],
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
    const write = (more: Partial<WriteRequest> = {}) =>
      new Writer(context).write(watched.calls, watched.view, { ...request, ...more });
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
