/** A team that its owner deletes: at once for everybody, and soon in storage. */
import { afterEach, describe, expect, test } from "vitest";
import { accountOf } from "../../../worker/account/stub.ts";
import { directoryOf } from "../../../worker/directory/stub.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { announced } from "../support/builders.ts";
import { call } from "../support/calls.ts";
import { cleanUp } from "../support/clean-up.ts";
import { createDialToken, enrollDevice } from "../support/device.ts";
import { connect, refresh, statusWith } from "../support/oauth.ts";
import { inObject, runAlarm, tablesOf } from "../support/objects.ts";
import { dial, ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam } from "../support/team.ts";
import { send, teamWith, textAt } from "../support/team-people.ts";
import { bindings, fetchWorker, postApi, sendApi } from "../support/worker.ts";

afterEach(cleanUp);

async function plant() {
  const { team, browser, person } = await teamWith("owner");
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device, [announced({})]);
  return { team, browser, person, device, relay };
}

const deleteTeam = (id: string, name: string) =>
  sendApi(`team?${new URLSearchParams({ team: id, name }).toString()}`, "DELETE");

const alarmOf = (id: string) => inObject("TEAM", id, ({ storage }) => storage.getAlarm());

describe("deleting a team", () => {
  test("needs its name, and does nothing with another", async () => {
    const { team, relay } = await plant();
    const refused = await deleteTeam(team.id, "Plant");
    const unnamed = await sendApi(`team?team=${team.id}`, "DELETE");

    expect([refused.status, unnamed.status]).toEqual([409, 400]);
    expect(await teamOf(bindings, team.id)?.relay("gw-1")).not.toBeNull();
    expect(relay.untakenFrames).toBe(0);
  });

  test("cuts its relays off for good, as if each had been revoked", async () => {
    const { team, device, relay } = await plant();
    const stranger = await dial(await createDialToken(device, { claims: { aud: "other" } }));

    expect((await deleteTeam(team.id, "plant")).status).toBe(204);

    expect((await relay.closed()).code).toBe(4410);
    const refused = await dial(await createDialToken(device));
    expect([refused.status, await refused.text()]).toEqual([401, await stranger.text()]);
  });

  test("ends a call that waits at a device", async () => {
    const { team, device, relay } = await plant();
    const principal = await team.principal();
    const waiting = call(device, principal, { deadlineMs: 20_000 });
    await relay.nextRequest("record.get");

    await deleteTeam(team.id, "plant");

    expect(await waiting).toMatchObject({ ok: false });
    expect(await call(device, principal)).toMatchObject({ ok: false, outdated: "relay" });
  });

  test("leaves nothing of it to be found, like a team that never was", async () => {
    const { team, person } = await plant();
    const token = await team.accessToken(["aimdb:admin"]);
    const invited = await postApi("invitations", { team: team.id, role: "viewer" });
    const { url } = await invited.json<{ url: string }>();
    const joinToken = await team.joinToken();

    await deleteTeam(team.id, "plant");

    expect(await statusWith(token)).toBe(401);
    expect((await fetchWorker(new URL(url).pathname)).status).toBe(404);
    const enrolled = await fetchWorker("/relay/enroll", {
      method: "POST",
      headers: { authorization: `Bearer ${joinToken}` },
    });
    expect([400, 401]).toContain(enrolled.status);
    const answer = async (id: string) => {
      const response = await sendApi(`relays?team=${id}`, "GET");
      return [response.status, await response.text()];
    };
    expect(await answer(team.id)).toEqual(await answer("0".repeat(64)));
    expect((await directoryOf(bindings).teams()).map(({ id }) => id)).not.toContain(team.id);
    expect(await accountOf(bindings, person.accountId)?.person()).toMatchObject({ teams: [] });
  });

  test("ends what its people's clients were let in by", async () => {
    const { team, tokens, clientId } = await connect();
    expect(await statusWith(tokens.access_token)).toBe(200);

    await deleteTeam(team, "plant");

    expect(await statusWith(tokens.access_token)).toBe(401);
    expect((await refresh(clientId, tokens.refresh_token)).status).toBe(400);
  });

  test("is a form on its owner's page, who then is in no team", async () => {
    const { team, browser } = await plant();
    const wrong = await send(browser, "/team", { action: "delete_team", name: "plan" });
    const page = await wrong.text();
    const done = await send(browser, "/team", { action: "delete_team", name: "plant" });

    expect(page).toContain("the name is not exactly the team&#39;s");
    expect([done.status, done.headers.get("location")]).toEqual([303, "/"]);
    expect(await textAt(browser, "/")).not.toContain("plant");
    expect(await teamOf(bindings, team.id)?.exists()).toBe(false);
  });
});

describe("what a deleted team had stored", () => {
  test("is erased by its alarm, that of its relays, too", async () => {
    const { team, device, relay } = await plant();
    await call(device, await team.principal(), { deadlineMs: 1 });
    await deleteTeam(team.id, "plant");
    await relay.closed();
    const inS = ((await alarmOf(team.id)) ?? 0) - Date.now();

    expect(await runAlarm("TEAM", team.id)).toBe(true);

    expect(inS).toBeGreaterThan(30_000);
    expect(inS).toBeLessThan(120_000);
    expect(await tablesOf("TEAM", team.id)).toEqual([]);
    expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
    expect(await alarmOf(team.id)).toBeNull();
    expect((await dial(await createDialToken(device))).status).toBe(401);
    expect((await deleteTeam(team.id, "plant")).status).toBe(404);
    expect(await tablesOf("TEAM", team.id)).toEqual([]);
  });

  test("stays, unseen, until each relay's object could be reached", async () => {
    const { team, device, relay } = await plant();
    const other = await enrollDevice(team, "gw-2");
    await deleteTeam(team.id, "plant");
    await relay.closed();
    const relayAt = (id: string) =>
      inObject("TEAM", team.id, ({ storage: { sql } }) => {
        sql.exec(
          "UPDATE former_relay SET object_id = ?1 WHERE object_id NOT IN (?2, ?1)",
          id,
          other.relay_id,
        );
      });
    await relayAt("nowhere");
    expect(await runAlarm("TEAM", team.id)).toBe(true);

    expect(await tablesOf("TEAM", team.id)).not.toEqual([]);
    expect(await tablesOf("RELAY", other.relay_id)).toEqual([]);
    expect(await teamOf(bindings, team.id)?.exists()).toBe(false);

    await relayAt(device.relay_id);
    expect(await runAlarm("TEAM", team.id)).toBe(true);
    expect(await tablesOf("TEAM", team.id)).toEqual([]);
    expect(await tablesOf("RELAY", device.relay_id)).toEqual([]);
  });

  test("is not another team's", async () => {
    const [{ team }, other] = [await plant(), await createTeam("other")];
    await deleteTeam(team.id, "plant");
    expect(await runAlarm("TEAM", team.id)).toBe(true);

    expect(await teamOf(bindings, other.id)?.teamName()).toBe("other");
    expect((await directoryOf(bindings).teams()).map(({ name }) => name)).toEqual(["other"]);
  });
});
