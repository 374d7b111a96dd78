import { afterEach, describe, expect, test } from "vitest";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { teamOf } from "../../../../../worker/team/stub.ts";
import { connected } from "../../../support/connected.ts";
import { call } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import {
  createDialToken,
  createKey,
  enrollDevice,
  postEnrollment,
  signedProof,
  type Device,
} from "../../../support/device.ts";
import { evict, inObject, tablesOf, newObjectId } from "../../../support/objects.ts";
import { dial, ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam, type TestTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

const setStatus = (team: TestTeam, status: "active" | "suspended" | "revoked") =>
  teamOf(bindings, team.id)?.setRelayStatus("gw-1", status);

const dialAgain = async (device: Device) => dial(await createDialToken(device));

describe("a relay that its team suspends", () => {
  test("loses its link at once and dials in vain until it is resumed [D-10]", async () => {
    const { team, device, relay } = await connected();

    await setStatus(team, "suspended");
    const closed = await relay.closed();
    const refused = await dialAgain(device);
    await setStatus(team, "active");
    const accepted = await dialAgain(device);
    ScriptedRelay.from(accepted);

    expect(closed.code).toBe(4423);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([423, "60"]);
    expect(await refused.json()).toMatchObject({ error: { code: "suspended" } });
    expect(accepted.status).toBe(101);
  });

  test("is told so only if it signed correctly", async () => {
    const { team, device, relay } = await connected();
    const other = await enrollDevice(await createTeam("other"));
    await setStatus(team, "suspended");
    await relay.closed();

    const forged = await dial(await createDialToken(device, { signWith: other.key.sign }));

    expect(forged.status).toBe(401);
  });

  test("ends the calls that wait for it, and takes no others", async () => {
    const { team, device, relay } = await connected();
    const principal = await team.principal();
    const waiting = call(device, principal);
    await relay.nextRequest();

    await setStatus(team, "suspended");

    expect(await waiting).toMatchObject({ ok: false, failure: { code: "link_lost" } });
    expect(await call(device, principal)).toMatchObject({
      ok: false,
      failure: { code: "relay_offline", message: expect.stringContaining("suspended") },
    });
  });

  test("stays so across the object's sleep", async () => {
    const { team, device, relay } = await connected();
    await setStatus(team, "suspended");
    await relay.closed();
    await evict("RELAY", device.relay_id);

    expect((await dialAgain(device)).status).toBe(423);
  });
});

describe("a relay that its team revokes", () => {
  test("loses its link at once and is refused from then on, like any stranger [D-11]", async () => {
    const { team, device, relay } = await connected();
    const stranger = await dial(await createDialToken(device, { claims: { aud: "other" } }));

    await setStatus(team, "revoked");
    const closed = await relay.closed();
    const refused = await dialAgain(device);

    expect(closed.code).toBe(4410);
    expect([refused.status, await refused.text()]).toEqual([401, await stranger.text()]);
  });

  test("is gone from its team, which can't bring it back; its name is free", async () => {
    const { team, device } = await connected();
    await setStatus(team, "revoked");

    const stub = teamOf(bindings, team.id);
    expect([await stub?.relay("gw-1"), await stub?.relays()]).toEqual([null, []]);
    expect(await setStatus(team, "active")).toBeNull();
    const next = await enrollDevice(team, "gw-1");
    expect(next.relay).toBe("gw-1");
    expect(next.relay_id).not.toBe(device.relay_id);
    expect((await dialAgain(device)).status).toBe(401);
  });

  test("does not come back by the join token that let it in", async () => {
    const team = await createTeam();
    const [joinToken, key] = [await team.joinToken(), await createKey()];
    const proof = await signedProof(key, joinToken);
    const enroll = () =>
      postEnrollment(joinToken, { name: "gw-1", public_key: key.publicKey, proof });
    const first = await enroll();
    await setStatus(team, "revoked");

    expect([first.status, (await enroll()).status]).toEqual([201, 401]);
  });
});

describe("a relay whose object was restored from a backup, alone", () => {
  /** What the team says now, of which its relay's object knows nothing. */
  const decide = ({ id }: TestTeam, sql: string) =>
    inObject("TEAM", id, ({ storage }) => storage.sql.exec(sql).toArray());

  test.each([
    { name: "revoked", sql: "DELETE FROM relay", code: 4410, status: 401 },
    { name: "suspended", sql: "UPDATE relay SET status = 'suspended'", code: 4423, status: 423 },
  ])(
    "is cut off as soon as it reports to its team, which $name it",
    async ({ sql, code, status }) => {
      const team = await createTeam();
      const device = await enrollDevice(team);
      await decide(team, sql);

      const relay = await ScriptedRelay.connect(device);

      expect((await relay.closed()).code).toBe(code);
      expect((await dialAgain(device)).status).toBe(status);
    },
  );
});

test("the status of a relay that was never created is not kept", async () => {
  const id = newObjectId("RELAY");

  await relayOf(bindings, id).setRights({ version: 2, floor: 0, changed: {}, status: "suspended" });

  expect(await tablesOf("RELAY", id)).toEqual([]);
});
