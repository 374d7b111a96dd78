import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { EndedWrite, WriteReport } from "#shared/fleet.ts";
import type { Principal } from "../../../worker/auth/principal.ts";
import type { WriteResult } from "../../../worker/relay/rpc.ts";
import { relayOf } from "../../../worker/relay/stub.ts";
import { write } from "../support/calls.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice, type Device } from "../support/device.ts";
import { evict, inObject } from "../support/objects.ts";
import { ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam, type TestTeam } from "../support/team.ts";
import { bindings } from "../support/worker.ts";

afterEach(cleanUp);

const JOURNAL = "a".repeat(32);
const APPLIED = { outcome: "applied", record_key: "sensor.temp", echo: "same" } as const;

interface Begun {
  readonly team: TestTeam;
  readonly device: Device;
  readonly relay: ScriptedRelay;
  readonly writer: Principal;
}

/** A device whose relay keeps a journal. */
async function connected(): Promise<Begun> {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device, undefined, { journal_id: JOURNAL });
  return { team, device, relay, writer: await team.principal(["aimdb:write"]) };
}

function reportOf(result: WriteResult): WriteReport {
  if (!result.ok) throw new Error(result.failure.message);
  return result.report;
}

function endOf(result: WriteResult): EndedWrite["outcome"] {
  const report = reportOf(result);
  if (report.status !== "ended") throw new Error(`It is ${report.status}`);
  return report.outcome;
}

function auditOf(team: TestTeam): Promise<Record<string, unknown>[]> {
  return inObject("TEAM", team.id, ({ storage: { sql } }) =>
    sql
      .exec<{ entry: string }>("SELECT entry FROM audit WHERE action = 'record.set' ORDER BY seq")
      .toArray()
      .map(({ entry }) => JSON.parse(entry)),
  );
}

describe("the team's log", () => {
  test("has a write's intent and its end, under one call id", async () => {
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

  test("gets the end later, where it could not be reached", async () => {
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

  test("has the end once, and what it has is forgotten at the alarm", async () => {
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

    const object = relayOf(bindings, relay_id) as unknown as DurableObjectStub;
    expect(await runDurableObjectAlarm(object)).toBe(true);

    expect(await kept()).toEqual([]);
    expect(await auditOf(begun.team)).toHaveLength(2);
  });

  test("gets no end twice where its object was reset before it forgot it", async () => {
    const begun = await connected();
    begun.relay.script = () => APPLIED;
    await write(begun.device, begun.writer);
    await vi.waitFor(async () => expect(await auditOf(begun.team)).toHaveLength(2));
    await evict("RELAY", begun.device.relay_id);

    const object = relayOf(bindings, begun.device.relay_id) as unknown as DurableObjectStub;
    expect(await runDurableObjectAlarm(object)).toBe(true);

    expect(await auditOf(begun.team)).toHaveLength(2);
  });
});
