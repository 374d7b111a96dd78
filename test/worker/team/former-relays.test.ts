/** What a revoked relay had stored: erased as soon as nothing needs it. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { teamOf } from "../../../worker/team/stub.ts";
import type { TeamObject } from "../../../worker/team/team-object.ts";
import { write } from "../support/calls.ts";
import { cleanUp } from "../support/clean-up.ts";
import { createDialToken, enrollDevice } from "../support/device.ts";
import { evict, inObject, newObjectId, runAlarm, tablesOf } from "../support/objects.ts";
import { dial } from "../support/scripted-relay.ts";
import type { TestTeam } from "../support/team.ts";
import { bindings } from "../support/worker.ts";
import { APPLIED, auditOf, connected } from "../support/writes.ts";

afterEach(cleanUp);

const revoke = ({ id }: TestTeam, name = "gw-1") =>
  teamOf(bindings, id)?.setRelayStatus(name, "revoked");

const sqlOf = ({ id }: TestTeam, query: string) =>
  inObject("TEAM", id, ({ storage: { sql } }) => sql.exec(query).toArray());

/** The alarm, as if the revocation were long past. */
async function runLate(team: TestTeam): Promise<void> {
  await sqlOf(team, "UPDATE former_relay SET revoked_at = revoked_at - 120000");
  expect(await runAlarm("TEAM", team.id)).toBe(true);
}

describe("what a revoked relay had stored", () => {
  test("is erased by its team's alarm a minute later, and no dial brings it back [D-11]", async () => {
    const { team, device, relay, writer } = await connected();
    relay.script = () => APPLIED;
    await write(device, writer);
    const stranger = await dial(await createDialToken(device, { claims: { aud: "other" } }));
    await revoke(team);
    const alarmAt = await inObject("TEAM", team.id, ({ storage }) => storage.getAlarm());
    const tables = await tablesOf("RELAY", device.relay_id);

    await runLate(team);

    expect((alarmAt ?? 0) - Date.now()).toBeLessThan(120_000);
    expect(tables).toContain("write_call");
    expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
    expect(
      await inObject("RELAY", device.relay_id, ({ storage }) => storage.getAlarm()),
    ).toBeNull();
    const refused = await dial(await createDialToken(device));
    expect([refused.status, await refused.text()]).toEqual([401, await stranger.text()]);
    expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
  });

  test("stays for the minute in which something may be under way", async () => {
    const { team, device } = await connected();
    await revoke(team);
    await runAlarm("TEAM", team.id);

    expect(await tablesOf("RELAY", device.relay_id)).not.toEqual([]);
    await runLate(team);
    expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
  });

  test("is not erased before the team's log has how its writes ended", async () => {
    const { team, device, relay, writer } = await connected();
    const written = write(device, writer);
    await relay.nextRequest("record.set");
    await revoke(team);
    await written;
    await sqlOf(
      team,
      "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'disk full'); END",
    );
    await runLate(team);
    expect(await tablesOf("RELAY", device.relay_id)).not.toEqual([]);

    await sqlOf(team, "DROP TRIGGER full");
    await runLate(team);

    expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
    expect(await auditOf(team)).toMatchObject([{ phase: "intent" }, { outcome: "unknown" }]);
  });

  test("is erased while a write waits for a person, which then ends undone", async () => {
    const { team, device, relay, writer } = await connected();
    relay.script = () => APPLIED;
    await write(device, writer);
    await inObject("RELAY", device.relay_id, ({ storage: { sql } }) => {
      sql.exec(
        "UPDATE write_call SET state = 'awaiting_approval', approver = 'human', expires_at = ?",
        Date.now() + 600_000,
      );
    });
    await revoke(team);
    await runLate(team);

    const log = await auditOf(team);
    expect(log.at(-1)).toMatchObject({ outcome: "not_applied", code: "relay_offline" });
    expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
  });

  test("goes also where its object missed the revocation, whose link it ends", async () => {
    const { team, device, relay } = await connected();
    await sqlOf(
      team,
      `INSERT INTO former_relay SELECT object_id, ${Date.now()} FROM relay; UPDATE relay SET status = 'revoked'`,
    );
    await inObject("TEAM", team.id, ({ storage }) => storage.setAlarm(Date.now() + 60_000));

    await runLate(team);

    expect((await relay.closed()).code).toBe(4410);
    expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
    expect(await teamOf(bindings, team.id)?.relayViews()).toEqual([]);
    expect((await enrollDevice(team, "gw-1")).relay).toBe("gw-1");
  });

  test("is tried again where its object can't be reached, and other relays' stays", async () => {
    const { team, device } = await connected();
    const other = await enrollDevice(team, "gw-2");
    await revoke(team);
    await sqlOf(team, "UPDATE former_relay SET object_id = 'nowhere'");
    await runLate(team);
    expect(await tablesOf("RELAY", device.relay_id)).not.toEqual([]);

    await sqlOf(team, `UPDATE former_relay SET object_id = '${device.relay_id}'`);
    await runLate(team);

    expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
    expect(await tablesOf("RELAY", other.relay_id)).not.toEqual([]);
    expect(await sqlOf(team, "SELECT * FROM former_relay")).toEqual([]);
  });

  test("leaves alone a relay that has taken its name while it was revoked a second time", async () => {
    const { team } = await connected();
    const taken = "UPDATE relay SET object_id = 'another', status = 'active'";
    const stub = bindings.TEAM.get(bindings.TEAM.idFromString(team.id));
    await runInDurableObject(
      stub as unknown as DurableObjectStub<TeamObject>,
      async (object, { storage: { sql } }) => {
        const revoked = object.setRelayStatus("gw-1", "revoked");
        await Promise.resolve();
        sql.exec(taken);
        await revoked;
      },
    );

    expect(await sqlOf(team, "SELECT object_id FROM relay")).toEqual([{ object_id: "another" }]);
  });

  test("goes at once with its team", async () => {
    const { team, device } = await connected();
    await revoke(team);
    await teamOf(bindings, team.id)?.end();
    await runLate(team);

    expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
    expect(await tablesOf("TEAM", team.id)).toEqual([]);
  });

  test("of an earlier release's unfinished revocation goes too", async () => {
    const { team, device } = await connected();
    await sqlOf(team, "UPDATE relay SET status = 'revoked'");
    await sqlOf(team, "DROP TABLE former_relay; UPDATE schema SET version = version - 1");

    await evict("TEAM", team.id);
    await inObject("TEAM", team.id, ({ storage }) => storage.setAlarm(Date.now() + 60_000));

    await runLate(team);
    expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
  });
});

test("an erased relay's timers and a second erasure do nothing", async () => {
  const { team, device, relay, writer } = await connected();
  relay.script = () => APPLIED;
  await write(device, writer);
  const object = bindings.RELAY.get(bindings.RELAY.idFromString(device.relay_id));
  await object.erase(newObjectId("TEAM"));
  expect(await tablesOf("RELAY", device.relay_id)).not.toEqual([]);

  await object.erase(team.id);
  await object.erase(team.id);

  expect((await relay.closed()).code).toBe(4410);
  await vi.waitFor(async () => expect(await auditOf(team)).toHaveLength(2));
  expect(await object.presence(team.id)).toBeNull();
  expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
});
