/** What is kept of writes, by an object that is never written to again. */
import { afterEach, expect, test, vi } from "vitest";
import type { WriteCall } from "../../../../../worker/relay/rpc.ts";
import { write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { enrollDevice, type Device } from "../../../support/device.ts";
import { inObject, runAlarm } from "../../../support/objects.ts";
import { ScriptedRelay, type Script } from "../../../support/scripted-relay.ts";
import { createTeam } from "../../../support/team.ts";
import { APPLIED, auditOf, connected } from "../../../support/writes.ts";

afterEach(cleanUp);

const DAY_MS = 86_400_000;

async function written(
  script: (relay: ScriptedRelay) => Script = () => () => APPLIED,
  change: Partial<WriteCall> = {},
): Promise<Device> {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device);
  relay.script = script(relay);
  await write(device, await team.principal(["aimdb:write"]), change);
  return device;
}

/** Gone with the write, and never back. */
function leaves(relay: ScriptedRelay): Script {
  return () => {
    relay.close(1001);
    return undefined;
  };
}

function kept({ relay_id }: Device): Promise<{ count: number; inMs: number | null }> {
  return inObject("RELAY", relay_id, async ({ storage }) => {
    const alarm = await storage.getAlarm();
    const count = storage.sql.exec("SELECT id FROM write_call").toArray().length;
    return { count, inMs: alarm === null ? null : alarm - Date.now() };
  });
}

test("it goes with the alarm, within a day of its end", async () => {
  const device = await written();
  // The first alarms may be for entries of the log.
  await vi.waitFor(async () => {
    await runAlarm("RELAY", device.relay_id);
    expect((await kept(device)).inMs).toBeGreaterThan(DAY_MS);
  });
  const { count, inMs } = await kept(device);
  expect(count).toBe(1);
  expect(inMs).toBeLessThanOrEqual(31 * DAY_MS);

  await inObject("RELAY", device.relay_id, ({ storage: { sql } }) =>
    sql.exec("UPDATE write_call SET changed_at = changed_at - ?", 31 * DAY_MS),
  );
  await runAlarm("RELAY", device.relay_id);

  expect(await kept(device)).toEqual({ count: 0, inMs: null });
});

test("one whose outcome nobody reported goes with a line in the log that says so", async () => {
  const begun = await connected();
  begun.relay.script = leaves(begun.relay);
  await write(begun.device, begun.writer);
  const intent = await auditOf(begun.team);
  await inObject("RELAY", begun.device.relay_id, ({ storage: { sql } }) =>
    sql.exec("UPDATE write_call SET changed_at = changed_at - ?", 31 * DAY_MS),
  );

  await runAlarm("RELAY", begun.device.relay_id);

  expect((await kept(begun.device)).count).toBe(0);
  const lines = await auditOf(begun.team);
  expect(lines.slice(0, -1)).toEqual(intent);
  expect(lines).toMatchObject([
    { phase: "intent" },
    { phase: "outcome", outcome: "unknown", call_id: intent[0]?.["call_id"] },
  ]);
});

test("an alarm comes within a day of a write", async () => {
  const { inMs } = await kept(await written());

  expect(inMs).toBeLessThanOrEqual(DAY_MS);
});

test("an alarm comes for a write whose outcome nobody reports, and for its key within a day", async () => {
  const kinds = [await written(leaves), await written(leaves, { idempotencyKey: "k" })];
  const [lost, keyed] = await Promise.all(kinds.map(async (device) => (await kept(device)).inMs));

  expect(lost).toBeGreaterThan(29 * DAY_MS);
  expect(lost).toBeLessThanOrEqual(30 * DAY_MS);
  expect(keyed).toBeGreaterThan(0);
  expect(keyed).toBeLessThanOrEqual(DAY_MS);
});
