/** What a team has left of a day, in its object's storage. */
import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import type { ToolEntry } from "../../../worker/access/audit-entry.ts";
import { DailyCalls, dailyCallsOf } from "../../../worker/team/daily-calls.ts";
import { inObject } from "../support/objects.ts";
import { createTeam } from "../support/team.ts";

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

test("a day's calls are used up once, until the next day begins", async () => {
  const seen = await inTeam((sql) => {
    const daily = new DailyCalls(sql, 10);
    return [
      [daily.note(calls(9), NOON_MS), daily.usedUpUntilMs(NOON_MS)],
      [daily.note(calls(3), NOON_MS), daily.usedUpUntilMs(NOON_MS)],
      [daily.note(calls(3), NOON_MS), daily.usedUpUntilMs(MIDNIGHT_MS - 1)],
      [daily.note([], MIDNIGHT_MS), daily.usedUpUntilMs(MIDNIGHT_MS)],
      [daily.note(calls(10), MIDNIGHT_MS), daily.usedUpUntilMs(MIDNIGHT_MS)],
    ];
  });

  expect(seen).toEqual([
    [false, undefined],
    [true, MIDNIGHT_MS],
    [false, MIDNIGHT_MS],
    [false, undefined],
    [true, MIDNIGHT_MS + DAY_MS],
  ]);
});

test("who was turned away has used nothing, and who was answered with a failure has", async () => {
  const seen = await inTeam((sql) => {
    const daily = new DailyCalls(sql, 10);
    const refused = ["rate_limited", "team_limit", "busy", "insufficient_scope"];
    daily.note(
      refused.flatMap((outcome) => calls(10, outcome)),
      NOON_MS,
    );
    return [daily.usedUpUntilMs(NOON_MS), daily.note(calls(10, "instance_down"), NOON_MS)];
  });

  expect(seen).toEqual([undefined, true]);
});

test("what is used is known to an object that slept", async () => {
  const seen = await inTeam((sql) => {
    new DailyCalls(sql, 10).note(calls(9), NOON_MS);
    return [new DailyCalls(sql, 10).note(calls(1), NOON_MS)];
  });

  expect(seen).toEqual([true]);
});

test("without a limit nothing is used up, and nothing is stored", async () => {
  const seen = await inTeam((sql) => {
    const daily = dailyCallsOf(sql, {});
    return [
      daily.note(calls(1_000), NOON_MS),
      daily.usedUpUntilMs(NOON_MS),
      sql.exec("SELECT kind FROM counts").toArray(),
    ];
  });

  expect(seen).toEqual([false, undefined, []]);
});
