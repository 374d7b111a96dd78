import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { readActivity, type ActivityPage } from "../../../../worker/team/log/activity.ts";
import { ActivitySearch, type SearchParts } from "../../../../worker/team/log/activity-search.ts";
import { teamOf } from "../../../../worker/team/stub.ts";
import { inObject } from "../../support/objects.ts";
import { createTeam } from "../../support/team.ts";
import { bindings } from "../../support/worker.ts";

afterEach(() => reset());

const NOW_MS = Date.now() + 86_400_000;
const ALL = { limit: 50, withIntents: true } as const;

/** Of a log of twenty lines, five of them a revocation's. */
async function inFullLog<T>(
  run: (open: (parts?: Partial<SearchParts>) => ActivitySearch, sql: SqlStorage) => Promise<T>,
): Promise<T> {
  const { id } = await createTeam();
  const team = teamOf(bindings, id);
  for (let i = 0; i < 20; i += 1) {
    const action = i % 4 === 0 ? "relay.revoke" : "relay.rename";
    const about = { principal: "ann", action, target: "gw-1", call_id: `c${i}` };
    await team?.noteAction({ at_ms: NOW_MS, ...about, phase: "outcome", outcome: "done" });
  }
  return inObject("TEAM", id, ({ storage: { sql } }) =>
    run(
      (parts = {}) =>
        new ActivitySearch({
          sql,
          nowMs: () => NOW_MS,
          pause: () => Promise.resolve(),
          maxPart: 3,
          ...parts,
        }),
      sql,
    ),
  );
}

describe("ActivitySearch", () => {
  test.each([
    { name: "all, newest first", query: {}, page: { order: "newest", ...ALL } },
    { name: "all, oldest first", query: {}, page: { order: "oldest", ...ALL } },
    { name: "some", query: { action: "relay.revoke" }, page: { order: "newest", ...ALL } },
    {
      name: "a page of some",
      query: { action: "relay.revoke" },
      page: { order: "newest", from: 15, limit: 2, withIntents: true },
    },
    {
      name: "a page from the oldest on",
      query: { action: "relay.revoke" },
      page: { order: "oldest", from: 4, limit: 3, withIntents: false },
    },
    { name: "none", query: { target: "gw-2" }, page: { order: "oldest", ...ALL } },
    { name: "those behind the last", query: {}, page: { order: "oldest", from: 99, ...ALL } },
    { name: "those of one call", query: { call: "c7" }, page: { order: "newest", ...ALL } },
  ] satisfies { name: string; query: object; page: ActivityPage }[])(
    "finds in parts what there is in one: $name",
    async ({ query, page }) => {
      const [found, expected] = await inFullLog(async (open, sql) => [
        await open().find(query, page, NOW_MS),
        readActivity(sql, query, { page, nowMs: NOW_MS, maxPart: 1_000 }).lines,
      ]);

      expect(found).toEqual(expected);
    },
  );

  test("gives others their turn after each part", async () => {
    let pauses = 0;
    const looked = await inFullLog(async (open, sql) => {
      const pause = async () => void (pauses += 1);
      await open({ pause }).find({ target: "gw-2" }, { order: "newest", ...ALL }, NOW_MS);
      return sql.exec("SELECT COUNT(*) AS n FROM audit").one()["n"];
    });

    expect(pauses).toBe(Math.ceil(Number(looked) / 3) - 1);
  });

  test("searches for one reader after the other", async () => {
    const begun: string[] = [];
    await inFullLog(async (open) => {
      const search = open({ pause: async () => void begun.push("part") });
      const page = { order: "newest", ...ALL } as const;
      const first = search.find({ target: "gw-2" }, page, NOW_MS).then(() => begun.push("first"));
      const second = search.find({ target: "gw-2" }, page, NOW_MS).then(() => begun.push("second"));
      await Promise.all([first, second]);
    });

    expect(begun.filter((what) => what !== "part")).toEqual(["first", "second"]);
    expect(begun.indexOf("first")).toBe(begun.filter((what) => what === "part").length / 2);
  });

  test("stops when its reader has gone", async () => {
    let nowMs = NOW_MS;
    const searching = inFullLog(async (open) => {
      const pause = async () => void (nowMs += 15_000);
      const search = open({ nowMs: () => nowMs, pause });
      const page = { order: "newest", ...ALL } as const;
      return search.find({ target: "gw-2" }, page, NOW_MS).catch((error: unknown) => String(error));
    });

    expect(await searching).toContain("deadline");
  });
});
