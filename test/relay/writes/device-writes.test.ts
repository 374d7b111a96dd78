import { describe, expect, test } from "vitest";
import type { Config } from "../../../relay/config.ts";
import { MemoryJournal } from "../../../relay/journal/memory-journal.ts";
import { AuditTrail } from "../../../relay/access/audit-trail.ts";
import type { AuditEntry } from "../../../relay/access/audit-log.ts";
import type { DeviceWrite } from "../../../relay/writes/device-writes.ts";
import { HELD_FOR_MS } from "../../../relay/writes/held-writes.ts";
import { CollectingLog } from "../support/collecting-log.ts";
import { configOf } from "../support/host-side/builders.ts";
import { deviceWritesOf } from "../support/device/device-writes.ts";
import { latest, startHost } from "../support/host-side/host.ts";
import { runInstance } from "../support/host-side/running-instance.ts";
import { turns, until } from "../support/until.ts";
import { WRITE_TIMEOUT_MS, writeOf } from "../support/worker-side/write-request.ts";

const UNKNOWN_ID = "f".repeat(32);

async function begin(
  confirmWrites: Config["confirmWrites"] = "never",
  holds: "local_only" | "all" = "local_only",
) {
  const records = [latest("a", { initial: { n: 1 } }), latest("b", { initial: { n: 1 } })];
  const host = await startHost({ aimx: "3.0", records });
  const config = configOf({ confirmWrites });
  const journal = new MemoryJournal();
  const { instance, clock } = await runInstance(host, { config, journal });
  const entries: AuditEntry[] = [];
  const audit = {
    append: async (entry: AuditEntry) => void entries.push(entry),
    close: async () => {},
  };
  const trail = new AuditTrail({ audit, clock, log: new CollectingLog() });
  const find = (name: string) => (name === "boiler" ? instance : undefined);
  const writes = deviceWritesOf(find, clock, { config, journal, trail, holds });
  const ask = (n: number, more: Partial<DeviceWrite> = {}): DeviceWrite => ({
    ...writeOf({ n }),
    approval: undefined,
    principal: "ann",
    instance: "boiler",
    record: "a",
    ...more,
  });
  const sets = () => host.requestCounts.get("record.set") ?? 0;
  return { host, clock, journal, writes, ask, sets, entries };
}

describe("DeviceWrites", () => {
  test("answers a call id that it knows by its recorded outcome, and writes once [J-4]", async () => {
    const { writes, ask, sets } = await begin();
    const write = ask(2);

    const first = await writes.write(write);
    const second = await writes.write({ ...write, value: { n: 3 } });

    expect(first).toMatchObject({ outcome: "applied" });
    expect(second).toEqual(first);
    expect(sets()).toBe(1);
  });

  test("waits for the end of a write that is under way already [J-4]", async () => {
    const { host, clock, writes, ask, sets } = await begin();
    host.setFaults({ unansweredMethod: "record.set" });
    const write = ask(2);
    const first = writes.write(write);
    await until("it is carried out", () => sets() === 1);
    const second = writes.write({ ...write, timeoutMs: 2 * WRITE_TIMEOUT_MS });

    clock.advance(WRITE_TIMEOUT_MS);

    expect(await first).toMatchObject({ outcome: "unknown" });
    expect(await second).toEqual(await first);
    expect(sets()).toBe(1);
  });

  test("does not begin what it reads too late [J-7]", async () => {
    const { clock, writes, ask, sets } = await begin();

    const outcome = await writes.write(ask(2, { notAfterMs: clock.monotonicMs() - 1 }));

    expect(outcome).toMatchObject({ outcome: "not_applied", code: "expired" });
    expect(sets()).toBe(0);
  });

  test("refuses a write without its approval [M-12]", async () => {
    const { writes, ask, sets } = await begin("always");

    expect(await writes.write(ask(2))).toMatchObject({
      outcome: "refused",
      code: "confirmation_required",
    });
    expect(await writes.write(ask(2, { approval: "client" }))).toMatchObject({
      outcome: "applied",
    });
    expect(sets()).toBe(1);
  });

  test("tells of each write what it remembers [J-9]", async () => {
    const { writes, ask } = await begin();
    const write = ask(2);
    const outcome = await writes.write(write);

    expect(await writes.remember([write.callId, UNKNOWN_ID])).toEqual([
      { id: write.callId, state: "ended", outcome },
      { id: UNKNOWN_ID, state: "never_seen" },
    ]);
  });

  test("tells of a write that is under way once it has ended [J-9]", async () => {
    const { host, clock, writes, ask, sets } = await begin();
    host.setFaults({ unansweredMethod: "record.set" });
    const write = ask(2);
    const written = writes.write(write);
    await until("it is carried out", () => sets() === 1);
    const remembered = writes.remember([write.callId]);

    clock.advance(WRITE_TIMEOUT_MS);

    expect(await remembered).toEqual([
      { id: write.callId, state: "ended", outcome: await written },
    ]);
  });

  test("tells of a write that it looks at still once it has ended [J-10]", async () => {
    const { writes, ask, sets } = await begin();
    const write = ask(2, { expected: { n: 1 } });
    const written = writes.write(write);
    const remembered = writes.remember([write.callId]);

    expect(sets()).toBe(0);
    expect(await remembered).toEqual([
      { id: write.callId, state: "ended", outcome: await written },
    ]);
  });

  test("tells of one that is on its way to it that it is under way [J-10]", async () => {
    const { clock, writes } = await begin();
    const never = new Promise<never>(() => {});
    const remembered = writes.remember([UNKNOWN_ID], () => never);
    clock.advance(60_000);

    expect(await remembered).toEqual([{ id: UNKNOWN_ID, state: "under_way" }]);
  });
});

describe("a write that its device holds", () => {
  test("is not held for a caller that was gone before it was checked [J-10]", async () => {
    const { writes, ask } = await begin("local");
    const caller = new AbortController();
    const written = writes.write(ask(2, { signal: caller.signal }));
    caller.abort();

    expect(await written).toMatchObject({ outcome: "not_applied", code: "link_lost" });
    expect(writes.waiting()).toEqual([]);
  });

  test("is under way from its approval on, until it has ended [J-9]", async () => {
    const { writes, ask } = await begin("local");
    const write = ask(2);
    await writes.write(write);
    const approved = writes.approve(write.callId, "local");
    const remembered = await writes.remember([write.callId]);

    expect(remembered).toMatchObject([{ state: "ended", outcome: { outcome: "applied" } }]);
    expect(await approved).toMatchObject({ ok: true, value: { outcome: "applied" } });
  });

  test("is dropped, and keeps no process alive, when the relay ends", async () => {
    const { clock, writes, ask } = await begin("local");
    await writes.write(ask(2));
    const before = clock.timerCount;
    writes.close();

    expect(clock.timerCount).toBe(before - 1);
    expect(writes.waiting()).toEqual([]);
  });

  test("is checked, shown and not executed, whatever the worker says of it [M-12]", async () => {
    const { writes, ask, sets } = await begin("local");
    const write = ask(2, { approval: "human" });

    expect(await writes.write(write)).toEqual({
      outcome: "awaiting_local",
      record_key: "a",
      current: { n: 1 },
      expires_in_ms: HELD_FOR_MS,
    });
    expect(sets()).toBe(0);
    expect(writes.waiting()).toMatchObject([
      { callId: write.callId, principal: "ann", record: "a", value: { n: 2 }, current: { n: 1 } },
    ]);
    expect(await writes.remember([write.callId])).toEqual([
      { id: write.callId, state: "awaiting_local" },
    ]);
  });

  test("is executed once when somebody here approves it, and logged", async () => {
    const { writes, ask, sets, entries } = await begin("local");
    const write = ask(2);
    await writes.write(write);

    const outcomes = await Promise.all([
      writes.approve(write.callId, "local"),
      writes.approve(write.callId, "local"),
    ]);

    expect(outcomes).toMatchObject([
      { ok: true, value: { outcome: "applied" } },
      { ok: false, error: { code: "unknown_call" } },
    ]);
    expect(sets()).toBe(1);
    expect(writes.waiting()).toEqual([]);
    expect(await writes.remember([write.callId])).toMatchObject([{ state: "ended" }]);
    expect(entries).toMatchObject([
      { call_id: write.callId, phase: "intent", approval: "local", value: '{"n":2}' },
      { call_id: write.callId, phase: "outcome", outcome: "applied" },
    ]);
  });

  test("waits for its turn behind a host that takes its time", async () => {
    const { host, clock, writes, ask } = await begin("always", "all");
    const write = ask(2);
    await writes.write(write);
    host.setFaults({ hang: true });
    const before = writes.write(ask(7, { approval: "client" }));
    const approved = writes.approve(write.callId, "client");
    await turns();

    clock.advance(4_900);
    host.setFaults({});

    expect(await before).toMatchObject({ outcome: "applied" });
    expect(await approved).toMatchObject({ value: { outcome: "applied" } });
  });

  test("is not approved by a client where the device file wants its operator", async () => {
    const { writes, ask, sets } = await begin("local", "all");
    const write = ask(2);
    await writes.write(write);

    expect(await writes.approve(write.callId, "client")).toMatchObject({
      ok: false,
      error: { code: "confirmation_required" },
    });
    expect(sets()).toBe(0);
    expect(writes.waiting()).toHaveLength(1);
  });

  test("is checked anew when it is approved", async () => {
    const { writes, ask, sets } = await begin("always", "all");
    const write = ask(2, { expected: { n: 1 } });
    await writes.write(write);
    await writes.write(ask(7, { approval: "client" }));

    expect(await writes.approve(write.callId, "client")).toMatchObject({
      value: { outcome: "refused", code: "conflict" },
    });
    expect(sets()).toBe(1);
    expect(await writes.remember([write.callId])).toMatchObject([
      { state: "ended", outcome: { outcome: "refused" } },
    ]);
  });

  test("ends when it is declined, and when nobody decides in time", async () => {
    const { clock, writes, ask, sets } = await begin("local");
    const [declined, expired] = [ask(2), ask(3)];
    await writes.write(declined);
    await writes.write(expired);

    await writes.decline(declined.callId);
    clock.advance(HELD_FOR_MS);

    expect(await writes.remember([declined.callId, expired.callId])).toMatchObject([
      { state: "ended", outcome: { outcome: "refused", code: "refused_by_device" } },
      { state: "ended", outcome: { outcome: "not_applied", code: "expired" } },
    ]);
    expect(await writes.approve(expired.callId, "local")).toMatchObject({ ok: false });
    expect(sets()).toBe(0);
  });

  test("is one of three of a principal and ten of all: nobody is asked too often", async () => {
    const { writes, ask } = await begin("local");
    const outcomes = [];
    for (let n = 0; n < 4; n += 1) outcomes.push((await writes.write(ask(n))).outcome);
    for (let n = 0; n < 8; n += 1) {
      outcomes.push((await writes.write(ask(n, { principal: `p${n}` }))).outcome);
    }

    expect(outcomes.filter((outcome) => outcome === "awaiting_local")).toHaveLength(10);
    expect(outcomes[3]).toBe("refused");
  });
});
