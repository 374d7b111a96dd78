import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import type { WriteEntry } from "../../../../worker/access/audit-entry.ts";
import { AuditOutbox } from "../../../../worker/relay/writes/audit-outbox.ts";
import { inRelayTables } from "../../support/relay-tables.ts";

afterEach(() => reset());

function entry(n: number): WriteEntry {
  return {
    at_ms: n,
    principal: "writer",
    action: "record.set",
    phase: "outcome",
    instance: "gw-1/plant",
    record: "sensor.temp",
    call_id: `call-${n}`,
    digest: "d",
    outcome: "applied",
  };
}

test("entries that wait go together, in their order, and once", async () => {
  const delivered = await inRelayTables(async (sql) => {
    const parts: string[][] = [];
    const outbox = new AuditOutbox(sql, async (entries) => {
      parts.push(entries.map(({ call_id }) => call_id));
      // While a part is on its way another write ends.
      if (parts.length === 1) outbox.put(entry(3));
    });
    outbox.put(entry(1));
    outbox.put(entry(2));
    const both = await Promise.all([outbox.flush(), outbox.flush()]);
    await outbox.flush();
    return [parts, both];
  });

  expect(delivered).toEqual([
    [["call-1", "call-2"], ["call-3"]],
    [true, true],
  ]);
});

test("a log that hangs counts as one that can't be reached, and is told the next time", async () => {
  const flushed = await inRelayTables(async (sql) => {
    const answers = [new Promise<never>(() => {}), Promise.resolve()];
    const outbox = new AuditOutbox(sql, () => answers.shift() ?? Promise.reject(), 1);
    outbox.put(entry(1));
    return [await outbox.flush(), await outbox.flush(), outbox.isEmpty];
  });

  expect(flushed).toEqual([false, true, true]);
});

test("what the log did not take stays, and goes first the next time", async () => {
  const delivered = await inRelayTables(async (sql) => {
    const parts: string[][] = [];
    const state = { isDown: true };
    const outbox = new AuditOutbox(sql, (entries) => {
      if (state.isDown) return Promise.reject(new Error("The team object is being reset"));
      parts.push(entries.map(({ call_id }) => call_id));
      return Promise.resolve();
    });
    outbox.put(entry(1));
    const first = await outbox.flush();
    outbox.put(entry(2));
    state.isDown = false;
    return [first, await outbox.flush(), parts];
  });

  expect(delivered).toEqual([false, true, [["call-1", "call-2"]]]);
});

test("more than one message should hold goes in parts", async () => {
  const counts = await inRelayTables(async (sql) => {
    const counts: number[] = [];
    const outbox = new AuditOutbox(sql, (entries) => {
      counts.push(entries.length);
      return Promise.resolve();
    });
    for (let n = 0; n < 150; n += 1) outbox.put(entry(n));
    await outbox.flush();
    return counts;
  });

  expect(counts).toEqual([100, 50]);
});

test("what the log has is deleted with the next one's row, or when told to, and is not sent again", async () => {
  const seen = await inRelayTables(async (sql) => {
    const parts: string[][] = [];
    const outbox = new AuditOutbox(sql, (entries) => {
      parts.push(entries.map(({ call_id }) => call_id));
      return Promise.resolve();
    });
    const kept = () => sql.exec("SELECT seq FROM audit_outbox").toArray().length;
    outbox.put(entry(1));
    outbox.put(entry(2));
    await outbox.flush();
    const counts = [kept()];
    const isEmpty = outbox.isEmpty;
    outbox.put(entry(3));
    counts.push(kept());
    await outbox.flush();
    outbox.forgetDelivered();
    counts.push(kept());
    return { parts, counts, isEmpty };
  });

  expect(seen).toEqual({
    parts: [["call-1", "call-2"], ["call-3"]],
    counts: [2, 1, 0],
    isEmpty: true,
  });
});

test("what an object that is reset did not delete is sent once more: the log knows what it has", async () => {
  const delivered = await inRelayTables(async (sql) => {
    const parts: string[][] = [];
    const open = () =>
      new AuditOutbox(sql, (entries) => {
        parts.push(entries.map(({ call_id }) => call_id));
        return Promise.resolve();
      });
    const outbox = open();
    outbox.put(entry(1));
    await outbox.flush();
    await open().flush();
    return parts;
  });

  expect(delivered).toEqual([["call-1"], ["call-1"]]);
});
