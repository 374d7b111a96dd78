import { describe, expect, test } from "vitest";
import type { Config } from "../../../../relay/config.ts";
import { Writer } from "../../../../relay/instances/writing/writing.ts";
import { ring, startHost, VERSIONS } from "../../support/host-side/host.ts";
import { contextOf, watchHost } from "../../support/host-side/watched-host.ts";
import { turns, until } from "../../support/until.ts";
import { WRITE_TIMEOUT_MS, writeOf } from "../../support/worker-side/write-request.ts";

import { beginWriting as begin, heldBy, setsOf } from "../../support/device/begun-writing.ts";

const TIMEOUT_MS = WRITE_TIMEOUT_MS;

describe.each(VERSIONS)("Writer on an AimX %s host", (aimx) => {
  test("says applied once the host has it [M-5]", async () => {
    const begun = await begin(aimx);
    expect(await begun.write("a", { n: 11 })).toMatchObject({
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
