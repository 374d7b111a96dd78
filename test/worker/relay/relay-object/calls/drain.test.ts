/** A relay that leaves: what it was asked is answered, and it is asked nothing more. */
import { afterEach, expect, test } from "vitest";
import { encodeFrame } from "#shared/link/frame.ts";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { call } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { enrollDevice } from "../../../support/device.ts";
import { evict } from "../../../support/objects.ts";
import { ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

async function connected() {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const principal = await team.principal();
  return { team, device, principal, relay: await ScriptedRelay.connect(device) };
}

test("a relay that drains is told that no call follows, and gets none [L-2]", async () => {
  const { team, device, principal, relay } = await connected();

  relay.send(encodeFrame({ t: "drain" }));
  expect(await relay.nextFrame("drained")).toEqual({ t: "drained" });
  const refused = await call(device, principal);

  expect(refused).toMatchObject({
    ok: false,
    failure: { code: "relay_offline", message: expect.stringContaining("was told to stop") },
  });
  expect(relay.untakenFrames).toBe(0);
  const described = await relayOf(bindings, device.relay_id).describe({ team: team.id });
  expect(described?.state).toMatchObject({ name: "offline" });
});

test("a call that was sent before is answered after drain [L-3]", async () => {
  const { device, principal, relay } = await connected();
  const asked = call(device, principal);
  const request = await relay.nextRequest();

  relay.send(encodeFrame({ t: "drain" }));
  await relay.nextFrame("drained");
  relay.reply(request, "finished");

  expect(await asked).toMatchObject({ ok: true, value: "finished" });
});

test("a relay object that slept still knows that its relay drains", async () => {
  const { device, principal, relay } = await connected();
  relay.send(encodeFrame({ t: "drain" }));
  await relay.nextFrame("drained");

  await evict("RELAY", device.relay_id);

  expect(await call(device, principal)).toMatchObject({ failure: { code: "relay_offline" } });
  expect(relay.untakenFrames).toBe(0);
});

test("a relay that drained and closed is away since it drained", async () => {
  const { team, device, relay } = await connected();
  relay.send(encodeFrame({ t: "drain" }));
  await relay.nextFrame("drained");
  const stateOf = async () =>
    (await relayOf(bindings, device.relay_id).describe({ team: team.id }))?.state;
  const whileDraining = await stateOf();

  await relay.end();

  expect(await stateOf()).toEqual(whileDraining);
});
