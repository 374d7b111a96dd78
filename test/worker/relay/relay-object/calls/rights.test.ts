/** What a relay object decides by itself, and what it does when the team takes something back. */
import { afterEach, describe, expect, test } from "vitest";
import type { Principal } from "../../../../../worker/auth/principal.ts";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { call, write, writeCall } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { memberOf } from "../../../support/confirming.ts";
import { enrollDevice } from "../../../support/device.ts";
import { plantGrant, registerClient } from "../../../support/oauth.ts";
import { evict, inObject } from "../../../support/objects.ts";
import { addToTeam, createPerson } from "../../../support/person.ts";
import { ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam, teamObject, type TestTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

const OUTDATED = { ok: false, outdated: "rights", failure: { code: "unauthenticated" } };

async function connected() {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device);
  relay.script = () => "answered";
  return { team, device, relay, principal: await team.principal() };
}

function revoke(team: TestTeam, { credential = "" }: Principal) {
  return teamObject(team.id).revokeAccessToken(credential, null);
}

/** Whoever asks the team now is answered with an exception. */
function breakTeam({ id }: TestTeam): Promise<unknown> {
  return inObject("TEAM", id, ({ storage: { sql } }) => sql.exec("DROP TABLE lease").toArray());
}

describe("under a lease", () => {
  test("the team is not asked for each call", async () => {
    const { team, device, principal } = await connected();
    await call(device, principal);
    await breakTeam(team);

    expect(await call(device, principal)).toMatchObject({ ok: true, value: "answered" });
  });

  test("what was revoked is refused as soon as that is reported to be effective", async () => {
    const { team, device, relay, principal } = await connected();
    const other = await team.principal();
    await call(device, principal);

    expect(await revoke(team, principal)).toMatchObject({ type: "now" });
    relay.script = () => undefined;
    const refused = await call(device, principal);
    const sent = relay.untakenFrames;
    relay.script = () => "answered";

    expect([refused, sent]).toMatchObject([OUTDATED, 0]);
    expect(await call(device, other)).toMatchObject({ ok: true });
  });

  test("what another consent to the same client replaced is refused when that is given", async () => {
    const { team, device } = await connected();
    const [person, client] = [await createPerson(), await registerClient()];
    await addToTeam(person, team.id, "operator");
    const granted = async (): Promise<Principal> => {
      const credential = await plantGrant(team.id, person.accountId, client);
      const { id = "", rightsVersion = 0 } =
        (await teamObject(team.id).member(person.accountId)) ?? {};
      return { id, person: id, team: team.id, credential, scopes: ["aimdb:read"], rightsVersion };
    };
    const first = await granted();
    expect(await call(device, first)).toMatchObject({ ok: true });

    const second = await granted();

    expect(await call(device, first)).toMatchObject(OUTDATED);
    expect(await call(device, second)).toMatchObject({ ok: true });
  });

  test.each([
    { name: "another role", change: "setRole" as const },
    { name: "no place in the team", change: "removeMember" as const },
  ])("who has $name is looked at anew", async ({ change }) => {
    const { team, device } = await connected();
    const member = await memberOf(team);
    await call(device, member);

    if (change === "setRole") await teamObject(team.id).setRole(member.id, "viewer");
    else await teamObject(team.id).removeMember(member.id);

    expect(await call(device, member)).toMatchObject(OUTDATED);
    expect(await write(device, member)).toMatchObject(OUTDATED);
  });

  test("a caller that has seen a newer version is not judged by an older one", async () => {
    const { team, device, principal } = await connected();
    await call(device, principal);
    await breakTeam(team);

    const newer = { ...principal, rightsVersion: principal.rightsVersion + 1 };
    expect(await call(device, newer)).toMatchObject({
      ok: false,
      failure: { code: "policy_unavailable", details: { retry_after_s: 1 } },
    });
  });

  test("every way into the object is closed to what was revoked", async () => {
    const { team, device, principal } = await connected();
    await revoke(team, principal);
    const object = relayOf(bindings, device.relay_id);
    const handle = { principal, id: "0".repeat(32) };
    const record = { principal, instance: "plant", record: "sensor.temp" };

    expect([
      await object.subscribe({ ...record, durationMs: 1_000, maxEvents: null }),
      await object.unsubscribe(handle),
      await object.drain({ ...record, maxSamples: 1, maxBytes: 1_000 }),
      await object.write(writeCall(principal)),
      await object.writeReport(handle),
      await object.answerWrite({ ...handle, accepted: true }),
    ]).toMatchObject(Array.from({ length: 6 }, () => OUTDATED));
  });
});

describe("without a lease", () => {
  test("nothing is decided while the team can't be asked", async () => {
    const { team, device, relay, principal } = await connected();
    relay.script = () => undefined;
    await breakTeam(team);

    expect(await call(device, principal)).toMatchObject({
      ok: false,
      failure: { code: "policy_unavailable" },
    });
    expect(relay.untakenFrames).toBe(0);
  });

  test("an object that slept asks again", async () => {
    const { team, device, principal } = await connected();
    await call(device, principal);
    await evict("RELAY", device.relay_id);
    await breakTeam(team);

    expect(await call(device, principal)).toMatchObject({
      failure: { code: "policy_unavailable" },
    });
  });

  test("an object that slept is not woken to be told, and knows when it is asked", async () => {
    const { team, device, principal } = await connected();
    await evict("RELAY", device.relay_id);

    expect(await revoke(team, principal)).toMatchObject({ type: "now" });
    expect(await call(device, principal)).toMatchObject(OUTDATED);
  });

  test("a relay that was revoked and could not be told learns of it, and loses its link", async () => {
    const { team, device, relay, principal } = await connected();
    await inObject("TEAM", team.id, ({ storage: { sql } }) =>
      sql.exec("UPDATE relay SET status = 'revoked'").toArray(),
    );

    expect(await call(device, principal)).toMatchObject({ ok: false, outdated: "relay" });
    expect((await relay.closed()).code).toBe(4410);
  });
});

describe("a read that waits at the device", () => {
  test("ends when its credential is revoked", async () => {
    const { team, device, relay, principal } = await connected();
    relay.script = () => undefined;
    const waiting = call(device, principal, { method: "samples.read", deadlineMs: 30_000 });
    const request = await relay.nextRequest();

    await revoke(team, principal);

    expect(await waiting).toMatchObject(OUTDATED);
    expect(await relay.nextFrame("cancel")).toEqual({ t: "cancel", id: request.id });
  });

  test("continues when somebody else's rights change", async () => {
    const { team, device, relay, principal } = await connected();
    relay.script = () => undefined;
    const waiting = call(device, principal, { deadlineMs: 30_000 });
    const request = await relay.nextRequest();

    await revoke(team, await team.principal());
    relay.reply(request, "late");

    expect(await waiting).toMatchObject({ ok: true, value: "late" });
  });
});
