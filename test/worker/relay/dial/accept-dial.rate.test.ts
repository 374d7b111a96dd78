/** How often a relay may link. */
import { afterEach, expect, test } from "vitest";
import { cleanUp } from "../../support/clean-up.ts";
import { createDialToken, createKey, enrollDevice } from "../../support/device.ts";
import { evict } from "../../support/objects.ts";
import { dial, ScriptedRelay } from "../../support/scripted-relay.ts";
import { createTeam } from "../../support/team.ts";

afterEach(cleanUp);

test("a relay whose links end as they begin is told to wait, alone of its team [D-21]", async () => {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const other = await enrollDevice(team, "gw-2");
  // Each replaces the one before.
  for (let n = 0; n < 13; n += 1) await ScriptedRelay.connect(device);

  const refused = await dial(await createDialToken(device));

  expect(refused.status).toBe(429);
  const waitS = Number(refused.headers.get("retry-after"));
  expect(waitS).toBeGreaterThan(50);
  expect(waitS).toBeLessThanOrEqual(60);
  expect(await refused.json()).toMatchObject({ error: { code: "slow_down" } });
  await ScriptedRelay.connect(other);
  await evict("RELAY", device.relay_id);
  await ScriptedRelay.connect(device);
  // The object stays awake until the team could be told of the thirteenth link, 5 s behind the twelfth.
}, 20_000);

test("dials that nobody with the relay's key signed don't count", async () => {
  const device = await enrollDevice(await createTeam());
  const thief = await createKey();
  for (let n = 0; n < 10; n += 1) {
    const refused = await dial(await createDialToken(device, { signWith: thief.sign }));
    expect(refused.status).toBe(401);
  }

  await ScriptedRelay.connect(device);
});
