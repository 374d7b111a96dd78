/** How often a relay may link. */
import { afterEach, expect, test } from "vitest";
import { cleanUp } from "../support/clean-up.ts";
import { call } from "../support/calls.ts";
import { createDialToken, createKey, enrollDevice } from "../support/device.ts";
import { inObject } from "../support/objects.ts";
import { dial, ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam } from "../support/team.ts";

afterEach(cleanUp);

test("a relay that links a seventh time within a minute is told to wait, and keeps what it has [D-21]", async () => {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const other = await enrollDevice(team, "gw-2");
  for (let n = 0; n < 5; n += 1) await ScriptedRelay.connect(device);
  const last = await ScriptedRelay.connect(device);
  last.script = () => "still there";

  const refused = await dial(await createDialToken(device));

  expect(refused.status).toBe(429);
  const waitS = Number(refused.headers.get("retry-after"));
  expect(waitS).toBeGreaterThan(0);
  expect(waitS).toBeLessThanOrEqual(60);
  expect(await refused.json()).toMatchObject({ error: { code: "slow_down" } });
  expect(await call(device, await team.principal())).toMatchObject({ value: "still there" });
  await ScriptedRelay.connect(other);
  await inObject("RELAY", device.relay_id, ({ storage: { sql } }) => {
    sql.exec("UPDATE dial_jti SET expires_at = expires_at - ?", waitS * 1_000);
  });
  await ScriptedRelay.connect(device);
});

test("dials that nobody with the relay's key signed don't count", async () => {
  const device = await enrollDevice(await createTeam());
  const thief = await createKey();
  for (let n = 0; n < 10; n += 1) {
    const refused = await dial(await createDialToken(device, { signWith: thief.sign }));
    expect(refused.status).toBe(401);
  }

  await ScriptedRelay.connect(device);
});
