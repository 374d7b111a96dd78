/** Presence through the team object itself, told by relay objects. */
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Principal } from "../../../../worker/auth/principal.ts";
import type { OpenEvents } from "../../../../worker/team/events/events-rpc.ts";
import { teamOf } from "../../../../worker/team/stub.ts";
import { announced } from "../../support/builders.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { enrollDevice } from "../../support/device.ts";
import { ScriptedRelay } from "../../support/scripted-relay.ts";
import { createTeam, teamObject, type TestTeam } from "../../support/team.ts";
import { bindings } from "../../support/worker.ts";

afterEach(cleanUp);

async function open(team: TestTeam, principal: Principal, more: Partial<OpenEvents> = {}) {
  const asked = { holder: principal, stream: "a".repeat(16), resumes: null, after: null, ...more };
  const opened = await teamObject(team.id).openEvents(asked);
  if (opened.type !== "heard") throw new Error(opened.type);
  return opened.heard;
}

/** Relay objects tell in their own time. */
async function untilConnected(team: TestTeam, principal: Principal, connected: boolean) {
  return vi.waitFor(async () => {
    const heard = await open(team, principal);
    expect(heard.relays?.[0]?.connected).toBe(connected);
    return heard;
  });
}

describe("a listener in a team", () => {
  test("is told the state of its relays, including those that never reported any", async () => {
    const team = await createTeam();
    await enrollDevice(team);

    const heard = await open(team, await team.principal());

    expect(heard.relays).toMatchObject([{ relay: "gw-1", status: "active", connected: false }]);
  });

  test("hears of a link that comes and goes, and of its instances", async () => {
    const team = await createTeam();
    const device = await enrollDevice(team);
    const principal = await team.principal();
    const { last } = await open(team, principal);

    const relay = await ScriptedRelay.connect(device);
    await untilConnected(team, principal, true);
    await relay.announce(device, [announced(), announced({ name: "second" })]);
    await relay.end();
    await untilConnected(team, principal, false);
    const heard = await open(team, principal, { after: last });

    expect(heard.relays).toBeNull();
    expect(
      heard.events.map(({ event, data }) => [event, data["change"] ?? data["instance"]]),
    ).toEqual([
      ["relay", "connected"],
      ["instance", "gw-1/second"],
      ["relay", "disconnected"],
    ]);
  });

  test("hears of a link that comes after the clock was set back", async () => {
    const team = await createTeam();
    const device = await enrollDevice(team);
    const principal = await team.principal();
    const atMs = Date.now() + 3_600_000;
    const report = { atMs, connected: false, sinceMs: atMs, instances: [] };
    await teamObject(team.id).notePresence(device.relay_id, report);
    const { last } = await open(team, principal);

    await teamObject(team.id).notePresence(device.relay_id, {
      ...report,
      atMs: Date.now(),
      connected: true,
    });
    const { events } = await open(team, principal, { after: last });

    expect(events).toMatchObject([{ event: "relay", data: { change: "connected" } }]);
  });

  test("hears what the team does to a relay", async () => {
    const team = await createTeam();
    await enrollDevice(team);
    const principal = await team.principal();
    const { last } = await open(team, principal);
    const object = teamObject(team.id);

    await object.labelRelay("gw-1", "Hall 3");
    await object.setRelayStatus("gw-1", "suspended");
    await object.setRelayStatus("gw-1", "suspended");
    await object.setRelayStatus("gw-1", "active");
    await object.setRelayStatus("gw-1", "revoked");
    const { events } = await open(team, principal, { after: last });

    expect(events.map(({ data }) => data["change"])).toEqual([
      "renamed",
      "suspended",
      "resumed",
      "revoked",
    ]);
    expect((await open(team, principal)).relays).toEqual([]);
  });

  test("is told that it missed something if its position is from a future that was taken back", async () => {
    const team = await createTeam();
    await enrollDevice(team);

    expect(await open(team, await team.principal(), { after: 999 })).toMatchObject({
      isGap: true,
      relays: [{ relay: "gw-1" }],
    });
  });

  test("waits until there is something, and no longer", async () => {
    const team = await createTeam();
    await enrollDevice(team);
    const principal = await team.principal();
    const object = teamObject(team.id);
    const { last } = await open(team, principal);
    const hearing = { holder: principal, stream: "a".repeat(16), after: last };

    expect(await object.hearEvents({ ...hearing, waitMs: 1 })).toMatchObject({
      heard: { events: [], last },
    });
    const waiting = object.hearEvents({ ...hearing, waitMs: 20_000 });
    await object.labelRelay("gw-1", "Hall 3");
    expect(await waiting).toMatchObject({ heard: { events: [{ data: { label: "Hall 3" } }] } });
  });

  test("is turned away at once when its token is revoked", async () => {
    const team = await createTeam();
    const principal = await team.principal();
    const object = teamObject(team.id);
    const { last } = await open(team, principal);
    const hearing = { holder: principal, stream: "a".repeat(16), after: last, waitMs: 20_000 };
    const waiting = object.hearEvents(hearing);

    await object.revokeAccessToken(principal.credential ?? "", null);

    expect(await waiting).toEqual({ type: "outdated" });
    expect(await object.openEvents({ ...hearing, resumes: null })).toEqual({ type: "outdated" });
  });
});

test("a team that was never created has nothing to report", async () => {
  const { principal } = { principal: await (await createTeam()).principal() };
  const nowhere = teamOf(bindings, bindings.TEAM.newUniqueId().toString());
  const asked = { holder: principal, stream: "a".repeat(16), resumes: null, after: null };

  expect(await nowhere?.openEvents(asked)).toEqual({ type: "outdated" });
  expect(await nowhere?.hearEvents({ ...asked, after: 0, waitMs: 1 })).toEqual({
    type: "outdated",
  });
});
