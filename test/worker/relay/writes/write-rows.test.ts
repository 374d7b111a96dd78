import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { WriteRows, type NewWrite } from "../../../../worker/relay/writes/write-rows.ts";
import { inRelayTables } from "../../support/relay-tables.ts";

afterEach(() => reset());

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function asked(id: string, change: Partial<NewWrite> = {}): NewWrite {
  return {
    id,
    principal: "writer",
    person: null,
    instance: "plant",
    record: "sensor.temp",
    digest: `digest of ${id}`,
    ask: { value: 1, skips_validation: false, credential: null, scopes: ["aimdb:write"] },
    key: undefined,
    ...change,
  };
}

function idsOf(sql: SqlStorage): unknown[] {
  return sql
    .exec("SELECT id FROM write_call ORDER BY id")
    .toArray()
    .map(({ id }) => id);
}

test("a write is known for 30 days after its last change", async () => {
  const kept = await inRelayTables((sql) => {
    const rows = new WriteRows(sql, () => {});
    rows.insert(asked("a"), 0);
    rows.insert(asked("b"), HOUR_MS);
    rows.insert(asked("c"), 30 * DAY_MS);
    const atTheEnd = idsOf(sql);
    rows.insert(asked("d"), 30 * DAY_MS + 1);
    return [atTheEnd, idsOf(sql)];
  });

  expect(kept).toEqual([
    ["a", "b", "c"],
    ["b", "c", "d"],
  ]);
});

test("one that changed later than those after it keeps them a while, and is not deleted with them", async () => {
  const kept = await inRelayTables((sql) => {
    const rows = new WriteRows(sql, () => {});
    rows.insert(asked("a"), 0);
    rows.insert(asked("b"), 0);
    rows.end("a", { outcome: "refused", code: "refused_by_team", message: "No." }, HOUR_MS);
    rows.insert(asked("c"), 30 * DAY_MS + 1);
    const before = idsOf(sql);
    rows.insert(asked("d"), 30 * DAY_MS + HOUR_MS + 1);
    return [before, idsOf(sql)];
  });

  expect(kept).toEqual([
    ["a", "b", "c"],
    ["c", "d"],
  ]);
});

test("of those that are deleted, those whose outcome only the device knows are reported", async () => {
  const told = await inRelayTables((sql) => {
    const forgotten: string[] = [];
    const rows = new WriteRows(sql, ({ id }) => forgotten.push(id));
    for (const id of ["sent", "local", "ended", "asked"]) rows.insert(asked(id), 0);
    for (const id of ["sent", "local", "ended"]) rows.send(id, { id: "s", journalId: null }, 0);
    rows.await("local", "local", HOUR_MS, 0);
    rows.end("ended", { outcome: "refused", code: "refused_by_team", message: "No." }, 0);
    rows.clean(30 * DAY_MS);
    const before = [...forgotten];
    rows.insert(asked("next"), 31 * DAY_MS);
    return { before, forgotten, left: idsOf(sql) };
  });

  expect(told).toEqual({ before: [], forgotten: ["sent", "local"], left: ["next"] });
});

test("many that are too old are deleted along with the writes that follow, a part with each", async () => {
  const counts = await inRelayTables((sql) => {
    const rows = new WriteRows(sql, () => {});
    for (let n = 0; n < 150; n += 1) rows.insert(asked(`old-${n}`), 0);
    return ["x", "y", "z"].map((id) => {
      rows.insert(asked(id), 31 * DAY_MS);
      return idsOf(sql).length;
    });
  });

  expect(counts).toEqual([51, 2, 3]);
});

test("what ended is deleted even if nothing is written any more, wherever it is, a part at a time", async () => {
  const cleaned = await inRelayTables((sql) => {
    const rows = new WriteRows(sql, () => {});
    for (let n = 0; n < 150; n += 1) rows.insert(asked(`old-${n}`, { key: `${n}` }), 0);
    rows.end("old-0", { outcome: "refused", code: "refused_by_team", message: "No." }, DAY_MS);
    const nowMs = 30 * DAY_MS + HOUR_MS;
    const next = [rows.clean(nowMs), rows.clean(nowMs + 1_000)];
    const left = [idsOf(sql), sql.exec("SELECT * FROM write_key").toArray().length];
    return { next: next.map((atMs) => atMs - nowMs), left, end: rows.clean(33 * DAY_MS) };
  });

  expect(cleaned).toEqual({
    next: [1_000, 1_000 + DAY_MS],
    left: [["old-0"], 0],
    end: Infinity,
  });
});

test("a key stands for its write for a day, and then for another", async () => {
  const found = await inRelayTables((sql) => {
    const rows = new WriteRows(sql, () => {});
    const at = (nowMs: number) =>
      rows.findByKey(
        { principal: "writer", instance: "plant", record: "sensor.temp", key: "k" },
        nowMs,
      )?.id;
    rows.insert(asked("a", { key: "k" }), 0);
    const first = [at(DAY_MS), at(DAY_MS + 1)];
    rows.insert(asked("b", { key: "k" }), 2 * DAY_MS);
    return [...first, at(2 * DAY_MS)];
  });

  expect(found).toEqual(["a", undefined, "b"]);
});

test("a write is sent once, approved or with nobody to approve it", async () => {
  const steps = await inRelayTables((sql) => {
    const rows = new WriteRows(sql, () => {});
    const session = { id: "session", journalId: null };
    rows.insert(asked("nobody"), 0);
    rows.insert(asked("person"), 0);
    rows.await("person", "human", 100, 0);
    return [
      rows.send("nobody", session, 1),
      rows.send("nobody", session, 2),
      rows.send("person", session, 3),
      rows.approve("person", "someone", 4),
      rows.approve("person", "someone", 5),
      rows.send("person", session, 6),
    ];
  });

  expect(steps).toEqual([true, false, false, true, false, true]);
});

test("the next to expire is the first of those that wait for somebody of the team", async () => {
  const next = await inRelayTables((sql) => {
    const rows = new WriteRows(sql, () => {});
    const none = rows.nextExpiryMs();
    for (const id of ["a", "b", "device"]) rows.insert(asked(id), 0);
    rows.await("a", "human", 300, 0);
    rows.await("b", "client", 200, 0);
    rows.await("device", "local", 100, 0);
    const both = rows.nextExpiryMs();
    const late = rows.expire(250).map(({ id }) => id);
    return [none, both, late, rows.nextExpiryMs()];
  });

  expect(next).toEqual([undefined, 200, ["b"], 300]);
});
