/** A relay object that knows the team's rules asks the team once for a write, and begins none under rules that changed. */
import { afterEach, expect, test } from "vitest";
import { teamOf } from "../../../../../worker/team/stub.ts";
import { write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { enrollDevice } from "../../../support/device.ts";
import { inObject } from "../../../support/objects.ts";
import { ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam, type TestTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";
import { APPLIED, reportOf } from "../../../support/writes.ts";

afterEach(cleanUp);

/** Has written once, so that the rules are known. */
async function knowing() {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device, undefined, { journal_id: "a".repeat(32) });
  relay.script = ({ params }) =>
    JSON.stringify(params).includes("dry_run")
      ? { outcome: "checked", record_key: "sensor.temp", current: 0 }
      : APPLIED;
  const writer = await team.principal(["aimdb:write"]);
  const again = async () => reportOf(await write(device, writer));
  expect(await again()).toMatchObject({ outcome: APPLIED });
  return { team, device, writer, again };
}

function intentsOf(team: TestTeam): Promise<number> {
  return inObject("TEAM", team.id, ({ storage: { sql } }) => {
    const intents =
      "SELECT seq FROM audit WHERE action = 'record.set' AND entry LIKE '%\"intent\"%'";
    return sql.exec(intents).toArray().length;
  });
}

test("each write has its intent, and the log verifies", async () => {
  const { team, device, writer } = await knowing();

  const written = await Promise.all(
    Array.from({ length: 8 }, (_, value) => write(device, writer, { value })),
  );

  expect(written.map(reportOf)).toMatchObject(
    Array.from(written, () => ({ outcome: { outcome: "applied" } })),
  );
  expect(await intentsOf(team)).toBe(9);
  expect(await teamOf(bindings, team.id)?.verifyActivity(0)).toMatchObject({ brokenAt: null });
});

test("what the team has closed since is refused, and not begun", async () => {
  const { team, again } = await knowing();
  await team.setWritePolicy({ rules: [{ record: "app.*", confirm: "never" }] });

  expect(await again()).toMatchObject({ outcome: { code: "refused_by_team" } });
  expect(await intentsOf(team)).toBe(1);
});

test("what a person has to approve since waits for them, and is not begun", async () => {
  const { team, again } = await knowing();
  await team.setWritePolicy({ rules: [{ record: "*", confirm: "human" }] });

  expect(await again()).toMatchObject({ status: "awaiting_confirmation", by: "human" });
  expect(await intentsOf(team)).toBe(1);
});

test("a token that was revoked since begins nothing", async () => {
  const { team, again } = await knowing();
  await inObject("TEAM", team.id, ({ storage: { sql } }) => sql.exec("DELETE FROM access_token"));

  expect(await again()).toMatchObject({ outcome: { code: "insufficient_scope" } });
  expect(await intentsOf(team)).toBe(1);
});

test("a rate that the team has set since holds", async () => {
  const { team, again } = await knowing();
  const rules = [{ record: "*", confirm: "never" }];
  await team.setWritePolicy({ rules, writes_per_minute_per_record: 1 });

  expect(await again()).toMatchObject({ outcome: APPLIED });
  expect(await again()).toMatchObject({ outcome: { code: "rate_limited" } });
  expect(await intentsOf(team)).toBe(2);
});

test("a write that comes after a change of the rules counts once", async () => {
  const { team, again } = await knowing();
  const rules = [{ record: "*", confirm: "never" }];
  await team.setWritePolicy({ rules, writes_per_minute_per_record: 2 });
  expect(await again()).toMatchObject({ outcome: APPLIED });
  await team.setWritePolicy({ rules: [...rules, ...rules], writes_per_minute_per_record: 2 });

  expect(await again()).toMatchObject({ outcome: APPLIED });
  expect(await again()).toMatchObject({ outcome: { code: "rate_limited" } });
});

test("what the team has opened since is written", async () => {
  const { team, device, writer, again } = await knowing();
  await team.setWritePolicy({ rules: [{ record: "app.*", confirm: "never" }] });
  await again();
  await team.setWritePolicy({ rules: [{ record: "*", confirm: "never" }] });

  expect(reportOf(await write(device, writer))).toMatchObject({ outcome: APPLIED });
});
