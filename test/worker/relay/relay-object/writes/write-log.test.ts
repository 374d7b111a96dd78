import { afterEach, describe, expect, test, vi } from "vitest";
import { write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { evict, inObject, runAlarm } from "../../../support/objects.ts";
import { APPLIED, auditOf, connected, endOf, reportOf } from "../../../support/writes.ts";

afterEach(cleanUp);

describe("the team's log", () => {
  test("has a write's intent and its outcome, under one call id", async () => {
    const begun = await connected();
    begun.relay.script = () => APPLIED;

    const { callId } = reportOf(await write(begun.device, begun.writer));

    await vi.waitFor(async () => expect(await auditOf(begun.team)).toHaveLength(2));
    expect(await auditOf(begun.team)).toMatchObject([
      { call_id: callId, phase: "intent", principal: begun.writer.id, record: "sensor.temp" },
      { call_id: callId, phase: "outcome", outcome: "applied", duration_ms: expect.any(Number) },
    ]);
  });

  test("that can't be written lets nothing happen", async () => {
    const begun = await connected();
    await inObject("TEAM", begun.team.id, ({ storage: { sql } }) => {
      sql.exec(
        "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'disk full'); END",
      );
    });

    const outcome = endOf(await write(begun.device, begun.writer));

    expect(outcome).toMatchObject({ outcome: "not_applied", code: "audit_unavailable" });
    expect(begun.relay.untakenFrames).toBe(0);
  });

  test("gets the outcome later, if it could not be reached", async () => {
    const begun = await connected();
    const block = (on: boolean) =>
      inObject("TEAM", begun.team.id, ({ storage: { sql } }) => {
        sql.exec(
          on
            ? "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'disk full'); END"
            : "DROP TRIGGER full",
        );
      });
    const written = write(begun.device, begun.writer);
    const request = await begun.relay.nextRequest("record.set");
    await block(true);
    begun.relay.reply(request, APPLIED);
    expect(endOf(await written)).toMatchObject({ outcome: "applied" });
    await block(false);

    await vi.waitFor(async () => expect(await auditOf(begun.team)).toHaveLength(2), {
      timeout: 10_000,
    });
  }, 15_000);

  test("has the outcome once, and what it has is deleted at the alarm", async () => {
    const begun = await connected();
    begun.relay.script = () => APPLIED;
    const { relay_id } = begun.device;
    const kept = () =>
      inObject("RELAY", relay_id, ({ storage: { sql } }) =>
        sql.exec("SELECT seq FROM audit_outbox").toArray(),
      );
    await write(begun.device, begun.writer);
    await vi.waitFor(async () => expect(await auditOf(begun.team)).toHaveLength(2));
    await vi.waitFor(async () => expect(await kept()).toHaveLength(1));

    expect(await runAlarm("RELAY", relay_id)).toBe(true);

    expect(await kept()).toEqual([]);
    expect(await auditOf(begun.team)).toHaveLength(2);
  });

  test("gets no outcome twice if its object was reset before it deleted it", async () => {
    const begun = await connected();
    begun.relay.script = () => APPLIED;
    await write(begun.device, begun.writer);
    await vi.waitFor(async () => expect(await auditOf(begun.team)).toHaveLength(2));
    await evict("RELAY", begun.device.relay_id);

    expect(await runAlarm("RELAY", begun.device.relay_id)).toBe(true);

    expect(await auditOf(begun.team)).toHaveLength(2);
  });
});
