/** Refusals beyond what is worth a line each. */
import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import type { ToolEntry } from "../../../../worker/access/audit-entry.ts";
import { foldRefusals } from "../../../../worker/team/log/refusal-fold.ts";
import { teamOf } from "../../../../worker/team/stub.ts";
import { inObject, runAlarm } from "../../support/objects.ts";
import { createTeam } from "../../support/team.ts";
import { bindings } from "../../support/worker.ts";

afterEach(() => reset());

const MINUTE_MS = 60_000;

function refused(n: number, principal = "eve", outcome = "rate_limited"): ToolEntry {
  const about = { principal, action: "tool.get_record", digest: "d", duration_ms: 0 };
  return { at_ms: Date.now(), ...about, call_id: `${principal}${n}`, outcome };
}

const refusals = (count: number, from = 0, principal = "eve") =>
  Array.from({ length: count }, (_, i) => refused(from + i, principal));

/** Batches at their times, and what of each goes to the log. */
async function folding(
  ...batches: readonly (readonly [atMs: number, entries: readonly ToolEntry[]])[]
): Promise<(readonly ToolEntry[])[]> {
  const { id } = await createTeam();
  return inObject("TEAM", id, ({ storage: { sql } }) =>
    batches.map(([atMs, entries]) => {
      const { kept, save } = foldRefusals(sql, entries, atMs);
      save();
      return kept;
    }),
  );
}

test("twenty refusals of a principal in a minute have a line each, the others share one with their number", async () => {
  const [first, second, next] = await folding(
    [0, refusals(15)],
    [1_000, refusals(15, 15)],
    [MINUTE_MS, []],
  );

  expect(first).toHaveLength(15);
  expect(second).toHaveLength(5);
  expect(next).toMatchObject([{ principal: "eve", call_id: "eve29", times: 10 }]);
});

test("a new minute has lines again, and is counted afresh", async () => {
  const [, next, last] = await folding(
    [0, refusals(30)],
    [MINUTE_MS, refusals(30, 30)],
    [2 * MINUTE_MS, []],
  );

  expect(next).toHaveLength(21);
  expect(last).toMatchObject([{ call_id: "eve59", times: 10 }]);
});

test("each principal has its own, and what was no refusal always has a line", async () => {
  const answered = Array.from({ length: 50 }, (_, i) => refused(i, "eve", "ok"));
  const failed = Array.from({ length: 50 }, (_, i) => refused(i, "eve", "instance_slow"));
  const [kept] = await folding([
    0,
    [...refusals(25), ...refusals(25, 0, "ann"), ...answered, ...failed],
  ]);

  expect(kept).toHaveLength(20 + 20 + 50 + 50);
});

test("what was counted gets its line by the object's alarm, even if nobody calls any more", async () => {
  const { id } = await createTeam();
  const team = teamOf(bindings, id);
  await team?.noteCalls(refusals(25));
  await inObject("TEAM", id, ({ storage: { sql } }) => {
    sql.exec("UPDATE audit_fold SET minute = minute - 1");
  });
  expect(await runAlarm("TEAM", id)).toBe(true);

  const page = { order: "newest", limit: 1, withIntents: false } as const;
  const [line] = (await team?.activity({ principal: "eve" }, page, Date.now())) ?? [];
  expect(JSON.parse(line?.entry ?? "{}")).toMatchObject({ times: 5 });
});
