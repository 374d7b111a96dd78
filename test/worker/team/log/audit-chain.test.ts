/** The log's chain: what it shows, also of a log whose oldest lines are gone. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import type { ToolEntry } from "../../../../worker/access/audit-entry.ts";
import { verifyChain } from "../../../../worker/api/verify-chain.ts";
import { verifyPart } from "../../../../worker/team/log/audit-chain.ts";
import { inObject, runAlarm } from "../../support/objects.ts";
import { createTeam, teamObject } from "../../support/team.ts";

afterEach(() => reset());

const DAY_MS = 86_400_000;
const NOW_MS = Date.now() + DAY_MS;

function entry(at_ms: number, call_id = "0123456789abcdef"): ToolEntry {
  const about = { principal: "ann", action: "tool.get_record", digest: "d" };
  return { at_ms, ...about, call_id, outcome: "ok", duration_ms: 3 };
}

/** What the making of the team left is gone, and its numbers with it. */
async function freshLog(...calls: readonly ToolEntry[]) {
  const { id } = await createTeam();
  const team = teamObject(id);
  await team.noteCalls([...calls]);
  const [first] = await team.activity(
    { principal: "ann" },
    { order: "oldest", limit: 1, withIntents: true },
    0,
  );
  const change = (query: string, ...values: (string | number)[]) =>
    inObject("TEAM", id, ({ storage: { sql } }) => void sql.exec(query, ...values));
  return { id, team, first: first?.seq ?? 0, change };
}

const THREE = [1, 2, 3].map((n) => entry(NOW_MS + n, `c${n}`));

describe("the chain", () => {
  test("is whole as it was stored, and names its newest line", async () => {
    const { team, first } = await freshLog(...THREE);

    const part = await team.verifyActivity(0);
    expect(part).toMatchObject({ brokenAt: null, isEnd: true, checked: first + 2 });
    expect(part?.last?.seq).toBe(first + 2);
  });

  test("shows a line that was changed, even by one letter", async () => {
    const { team, first, change } = await freshLog(...THREE);
    await change("UPDATE audit SET entry = replace(entry, 'ann', 'anm') WHERE seq = ?", first + 1);

    expect(await team.verifyActivity(0)).toMatchObject({ brokenAt: first + 1 });
  });

  test("shows where a line was taken out", async () => {
    const { team, first, change } = await freshLog(...THREE);
    await change("DELETE FROM audit WHERE seq = ?", first + 1);

    expect(await team.verifyActivity(0)).toMatchObject({ brokenAt: first + 2 });
  });

  test("shows that its beginning was taken out", async () => {
    const { team, change } = await freshLog(...THREE);
    await change("DELETE FROM audit WHERE seq = 1");

    expect(await team.verifyActivity(0)).toMatchObject({ brokenAt: 2 });
  });

  test("is whole from the oldest line that the team keeps", async () => {
    const { team, first } = await freshLog(entry(NOW_MS, "old"));
    await team.setSettings({ retention_days: 2 });
    await team.noteCalls([entry(NOW_MS + 3 * DAY_MS, "a"), entry(NOW_MS + 3 * DAY_MS, "b")]);

    expect(await team.verifyActivity(0)).toMatchObject({ checked: 2, brokenAt: null });
    expect((await team.verifyActivity(0))?.last?.seq).toBe(first + 2);
  });

  test("is verified part by part, and a request ends when it may ask no more", async () => {
    const { id, first } = await freshLog(...THREE);
    const inParts = (after: number) =>
      inObject("TEAM", id, ({ storage: { sql } }) =>
        verifyChain((from) => Promise.resolve(verifyPart(sql, from, 2)), after),
      );

    expect(await inParts(0)).toMatchObject({ intact: true, checked: first + 2, next: null });
    expect(await inParts(first)).toMatchObject({ intact: true, checked: 2, next: null });
  });

  test("is verified no further than one request may ask", async () => {
    let from = 0;
    const chain = await verifyChain((after) => {
      from = after;
      const last = { seq: after + 10, hash: "h" };
      return Promise.resolve({ checked: 10, brokenAt: null, last, isEnd: false });
    }, 0);

    expect(chain).toMatchObject({ checked: 400, next: "400" });
    expect(from).toBe(390);
  });
});

describe("old lines", () => {
  const alarmOf = (id: string) => inObject("TEAM", id, ({ storage }) => storage.getAlarm());
  const inDays = (at: number | null) => Math.round(((at ?? 0) - Date.now()) / DAY_MS);

  test("wake their object when the oldest of them expires, and not before", async () => {
    const { id } = await freshLog(entry(NOW_MS));

    expect(inDays(await alarmOf(id))).toBe(90);
  });

  test("go within a day, though the alarm was planned for something that ends later", async () => {
    const { id, team } = await freshLog();
    const oldMs = Date.now() - 89.9 * DAY_MS;
    await inObject("TEAM", id, async ({ storage }) => {
      storage.sql.exec("UPDATE audit SET at = ?", oldMs);
      await storage.setAlarm(Date.now() + 30 * DAY_MS);
    });

    await team.noteCalls([entry(Date.now())]);

    expect(inDays(await alarmOf(id))).toBe(1);
  });

  test("go within a day of their expiry after the team shortens its retention", async () => {
    const { id, team } = await freshLog(entry(Date.now()));
    await team.setSettings({ retention_days: 3 });
    await team.noteAction({
      at_ms: Date.now(),
      principal: "ann",
      action: "settings.change",
      call_id: "c",
      phase: "outcome",
      outcome: "done",
    });

    expect(inDays(await alarmOf(id))).toBe(3);
  });

  test("go without a new one, by the object's alarm, and the chain continues after them", async () => {
    const { id, team, first } = await freshLog();
    const oldMs = NOW_MS - 200 * DAY_MS;
    await inObject("TEAM", id, ({ storage: { sql } }) => {
      sql.exec("UPDATE audit SET at = ?", oldMs);
    });
    expect(first).toBe(0);
    expect(await runAlarm("TEAM", id)).toBe(true);

    expect(await team.verifyActivity(0)).toMatchObject({ checked: 0, brokenAt: null });
    await team.noteCalls([entry(NOW_MS)]);
    const part = await team.verifyActivity(0);
    expect(part).toMatchObject({ checked: 1, brokenAt: null });
    expect(part?.last?.seq).toBeGreaterThan(1);
  });
});
