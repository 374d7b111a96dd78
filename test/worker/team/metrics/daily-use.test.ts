/** What a team has left of a day, in its object's storage. */
import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import type { ToolEntry } from "../../../../worker/access/audit-entry.ts";
import { DailyUse, dailyUseOf, useOf } from "../../../../worker/team/metrics/daily-use.ts";

import { inObject } from "../../support/objects.ts";
import { createTeam } from "../../support/team.ts";

afterEach(() => reset());

const DAY_MS = 86_400_000;
const NOON_MS = 20 * DAY_MS + DAY_MS / 2;
const MIDNIGHT_MS = 21 * DAY_MS;

function calls(count: number, outcome = "ok"): ToolEntry[] {
  const about = { principal: "ann", action: "tool.get_record", digest: "d", duration_ms: 0 };
  return Array.from({ length: count }, (_, n) => ({
    at_ms: NOON_MS,
    ...about,
    call_id: `call-${n}`,
    outcome,
  }));
}

async function inTeam<T>(run: (sql: SqlStorage) => T): Promise<T> {
  const { id } = await createTeam();
  return inObject("TEAM", id, ({ storage: { sql } }) => run(sql));
}

const TEN_CALLS = { calls: 10, bytes: 0 };
const TEN_BYTES = { calls: 0, bytes: 10 };
const UNTIL_MIDNIGHT = { usedUp: "calls", usedUpUntilMs: MIDNIGHT_MS };

test("a day's calls are used up once, until the next day begins", async () => {
  const seen = await inTeam((sql) => {
    const daily = new DailyUse(sql, TEN_CALLS);
    const note = (count: number, nowMs: number) => daily.note(useOf(calls(count)), nowMs);
    return [
      [note(9, NOON_MS), daily.usedUp(NOON_MS)],
      [note(3, NOON_MS), daily.usedUp(NOON_MS)],
      [note(3, NOON_MS), daily.usedUp(MIDNIGHT_MS - 1)],
      [note(0, MIDNIGHT_MS), daily.usedUp(MIDNIGHT_MS)],
      [note(10, MIDNIGHT_MS), daily.usedUp(MIDNIGHT_MS)],
    ];
  });

  expect(seen).toEqual([
    [false, undefined],
    [true, UNTIL_MIDNIGHT],
    [false, UNTIL_MIDNIGHT],
    [false, undefined],
    [true, { usedUp: "calls", usedUpUntilMs: MIDNIGHT_MS + DAY_MS }],
  ]);
});

test("so are a day's bytes, however many calls they were", async () => {
  const seen = await inTeam((sql) => {
    const daily = new DailyUse(sql, TEN_BYTES);
    return [
      [daily.note({ calls: 100, bytes: 9 }, NOON_MS), daily.usedUp(NOON_MS)],
      [daily.note({ calls: 0, bytes: 1 }, NOON_MS), daily.usedUp(NOON_MS)],
      [daily.read(NOON_MS), daily.read(MIDNIGHT_MS), daily.usedUp(MIDNIGHT_MS)],
    ];
  });

  expect(seen).toEqual([
    [false, undefined],
    [true, { usedUp: "bytes", usedUpUntilMs: MIDNIGHT_MS }],
    [{ calls: 100, bytes: 10 }, { calls: 0, bytes: 0 }, undefined],
  ]);
});

test("of both limits the second changes nothing", async () => {
  const seen = await inTeam((sql) => {
    const daily = new DailyUse(sql, { calls: 10, bytes: 10 });
    return [
      daily.note({ calls: 1, bytes: 10 }, NOON_MS),
      daily.note({ calls: 9, bytes: 10 }, NOON_MS),
    ];
  });

  expect(seen).toEqual([true, false]);
});

test("a refused caller has used nothing, one that was answered with a failure has", () => {
  const refused = ["rate_limited", "team_limit", "busy", "insufficient_scope"];
  const entries = [...refused, "instance_down"].flatMap((outcome) => calls(10, outcome));

  expect(useOf(entries.map((entry) => ({ ...entry, bytes: 7 })))).toEqual({ calls: 10, bytes: 70 });
});

test("what is used is known to an object that slept, also where an earlier release counted calls alone", async () => {
  const seen = await inTeam((sql) => {
    new DailyUse(sql, TEN_CALLS).note({ calls: 9, bytes: 5 }, NOON_MS);
    const woken = new DailyUse(sql, TEN_CALLS).note({ calls: 1, bytes: 0 }, NOON_MS);
    const day = JSON.stringify({ day: Math.floor(NOON_MS / DAY_MS), calls: 3 });
    sql.exec("INSERT OR REPLACE INTO counts VALUES ('day', ?)", day);
    return [woken, new DailyUse(sql, TEN_CALLS).read(NOON_MS)];
  });

  expect(seen).toEqual([true, { calls: 3, bytes: 0 }]);
});

test("what is rolled back is not counted", async () => {
  const { id } = await createTeam();
  const used = await inObject("TEAM", id, ({ storage }) => {
    const daily = new DailyUse(storage.sql, TEN_CALLS);
    daily.note({ calls: 3, bytes: 0 }, NOON_MS);
    const fail = () => {
      daily.note({ calls: 3, bytes: 0 }, NOON_MS);
      throw new Error("disk full");
    };
    expect(() => storage.transactionSync(fail)).toThrow("disk full");
    return daily.read(NOON_MS);
  });

  expect(used).toEqual({ calls: 3, bytes: 0 });
});

test("without a limit nothing is used up, and nothing is stored", async () => {
  const seen = await inTeam((sql) => {
    const daily = dailyUseOf(sql, {});
    return [
      daily.note({ calls: 1_000, bytes: 1_000 }, NOON_MS),
      daily.usedUp(NOON_MS),
      daily.read(NOON_MS),
      sql.exec("SELECT kind FROM counts").toArray(),
    ];
  });

  expect(seen).toEqual([false, undefined, undefined, []]);
});

test("the setting takes more bytes than there are calls in any other", async () => {
  const used = { calls: 0, bytes: 49_999_999_999 };
  const seen = await inTeam((sql) => {
    const daily = dailyUseOf(sql, { TEAM_BYTES_PER_DAY: "50000000000" });
    return [daily.note(used, NOON_MS), daily.note({ calls: 0, bytes: 1 }, NOON_MS)];
  });

  expect(seen).toEqual([false, true]);
});
