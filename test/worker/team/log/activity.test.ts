/** The team's log: what is kept, found and chained. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import type { ActionEntry, ToolEntry } from "../../../../worker/access/audit-entry.ts";
import { hashSecret as sha256 } from "../../../../worker/auth/secret.ts";
import type { ActivityPage } from "../../../../worker/team/log/activity.ts";
import { FIRST_HASH } from "../../../../worker/team/log/audit-chain.ts";
import { teamOf } from "../../../../worker/team/stub.ts";
import { AuditLog } from "../../../../worker/team/log/audit-log.ts";
import { inObject } from "../../support/objects.ts";
import { member } from "../../support/team-people.ts";
import { createTeam, teamObject } from "../../support/team.ts";
import { bindings } from "../../support/worker.ts";

afterEach(() => reset());

const DAY_MS = 86_400_000;
/** Later than what the making of the team left. */
const NOW_MS = Date.now() + DAY_MS;
const NEWEST: ActivityPage = { order: "newest", limit: 50, withIntents: false };
const KEPT: ActivityPage = { order: "oldest", limit: 500, withIntents: true };

function callEntry(more: Partial<ToolEntry> = {}): ToolEntry {
  return {
    at_ms: NOW_MS,
    principal: "ann",
    action: "tool.get_record",
    instance: "gw-1/plant",
    record: "sensor.temp",
    call_id: "0123456789abcdef",
    digest: "d",
    outcome: "ok",
    duration_ms: 3,
    ...more,
  };
}

function actionEntry(phase: ActionEntry["phase"], more: Partial<ActionEntry> = {}): ActionEntry {
  const outcome = phase === "outcome" ? { outcome: "done" } : {};
  const about = { principal: "bob", action: "relay.revoke", target: "gw-1", call_id: "c1" };
  return { at_ms: NOW_MS, ...about, phase, ...outcome, ...more };
}

async function freshTeam() {
  const { id } = await createTeam();
  const team = teamObject(id);
  const read = async (query = {}, page = NEWEST, nowMs = NOW_MS) =>
    (await team.activity(query, page, nowMs)).map(({ seq, entry }) => ({
      seq,
      entry: JSON.parse(entry) as ToolEntry,
    }));
  return { team, read };
}

describe("the log", () => {
  test("is a chain of hashes from its first line on", async () => {
    const { team } = await freshTeam();
    await team.noteCalls([callEntry(), callEntry({ call_id: "b" })]);
    await team.noteAction(actionEntry("intent"));

    const lines = await team.activity({}, KEPT, 0);

    let hash = FIRST_HASH;
    for (const line of lines) {
      hash = await sha256(`${hash}\n${line.entry}`);
      expect(line.hash).toBe(hash);
    }
    expect(lines.length).toBeGreaterThan(2);
  });

  test("has an entry once, however often it is sent", async () => {
    const { team, read } = await freshTeam();
    await team.noteCalls([callEntry()]);
    await team.noteCalls([callEntry(), callEntry({ call_id: "b" })]);

    expect((await read({ principal: "ann" })).map(({ entry }) => entry.call_id)).toEqual([
      "b",
      "0123456789abcdef",
    ]);
  });

  test("shows an intent only as long as its outcome is not known", async () => {
    const { team, read } = await freshTeam();
    await team.noteAction(actionEntry("intent"));
    const open = await read({ call: "c1" });
    await team.noteAction(actionEntry("outcome"));

    expect(open.map(({ entry }) => entry.outcome)).toEqual([undefined]);
    expect((await read({ call: "c1" })).map(({ entry }) => entry.outcome)).toEqual(["done"]);
    expect(await read({ call: "c1" }, KEPT)).toHaveLength(2);
  });

  test.each([
    [{ principal: "ann" }, ["a", "b"]],
    [{ action: "relay.revoke" }, ["c1"]],
    [{ target: "gw-1" }, ["a", "c1"]],
    [{ target: "gw-1/plant" }, ["a"]],
    [{ target: "gw" }, []],
    [{ target: "*" }, []],
    [{ outcome: "unknown_record" }, ["b"]],
    [{ call: "b" }, ["b"]],
    [{ principal: "ann", untilMs: NOW_MS }, []],
    [{ sinceMs: NOW_MS + 1, principal: "ann" }, ["b"]],
  ])("finds by %o", async (query, calls) => {
    const { team, read } = await freshTeam();
    await team.noteCalls([
      callEntry({ call_id: "a" }),
      callEntry({
        call_id: "b",
        at_ms: NOW_MS + 1,
        instance: "gw-10/plant",
        outcome: "unknown_record",
      }),
    ]);
    await team.noteAction(actionEntry("outcome"));

    const found = (await read(query)).map(({ entry }) => entry.call_id);
    expect(found.toSorted()).toEqual(calls);
  });

  test("continues where a page ended, in both directions", async () => {
    const { team, read } = await freshTeam();
    const ids = ["a", "b", "c"];
    await team.noteCalls(ids.map((call_id) => callEntry({ call_id })));
    const mine = { principal: "ann" };
    const [newest, second] = await read(mine, { ...NEWEST, limit: 2 });
    const rest = await read(mine, { ...NEWEST, from: second?.seq });
    const [oldest] = await read(mine, { ...KEPT, limit: 1 });
    const later = await read(mine, { ...KEPT, from: oldest?.seq });

    expect([newest, second, ...rest].map((line) => line?.entry.call_id)).toEqual(["c", "b", "a"]);
    expect([oldest, ...later].map((line) => line?.entry.call_id)).toEqual(ids);
  });

  test("keeps entries for as many days as the team says, and stays a chain", async () => {
    const { team, read } = await freshTeam();
    await team.setSettings({ retention_days: 2 });
    await team.noteCalls([callEntry({ call_id: "old" }), callEntry({ call_id: "a" })]);
    const laterMs = NOW_MS + 2 * DAY_MS + 1;

    expect(await read({ principal: "ann" }, NEWEST, laterMs)).toEqual([]);
    await team.noteCalls([callEntry({ call_id: "new", at_ms: laterMs })]);
    const kept = await team.activity({}, KEPT, 0);

    expect(kept.map(({ entry }) => (JSON.parse(entry) as ToolEntry).call_id)).toEqual(["new"]);
    expect(await team.settings()).toEqual({ retention_days: 2, audit_reads: "batched" });
  });

  test("keeps the name of who left as long as it has a line of theirs, and no longer", async () => {
    const { id } = await createTeam();
    const bob = await member(id, "viewer", "bob");
    const ann = await member(id, "viewer", "ann");
    const stub = teamOf(bindings, id);
    await stub?.removeMember(bob.id);
    await stub?.removeMember(ann.id);
    const laterMs = Date.now() + 91 * DAY_MS;
    await stub?.noteCalls([callEntry({ principal: ann.id, at_ms: laterMs })]);

    const named = await inObject("TEAM", id, ({ storage }) => {
      new AuditLog(storage).purge(laterMs);
      return storage.sql.exec("SELECT id, name FROM former_principal").toArray();
    });
    expect(named).toEqual([{ id: ann.id, name: ann.person.email }]);
  });
});
