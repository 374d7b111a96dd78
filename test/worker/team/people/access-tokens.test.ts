import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import type { Role } from "../../../../worker/access/role.ts";
import type { Scope } from "#shared/access/scope.ts";
import { authenticate } from "../../../../worker/auth/authenticate.ts";
import type { Remote } from "../../../../worker/object-namespace.ts";
import type { TeamRpc } from "../../../../worker/team/rpc.ts";
import { tablesOf } from "../../support/objects.ts";
import { addToTeam, createPerson } from "../../support/person.ts";
import { createTeam, teamObject } from "../../support/team.ts";
import { bindings } from "../../support/worker.ts";

afterEach(() => reset());

interface Scene {
  readonly teamId: string;
  readonly team: Remote<TeamRpc>;
  readonly memberId: string;
  readonly token: string;
}

async function scene(role: Role, scopes: readonly Scope[]): Promise<Scene> {
  const { id: teamId } = await createTeam();
  const team = teamObject(teamId);
  await addToTeam(await createPerson("first"), teamId, "owner");
  const person = await createPerson("ada");
  await addToTeam(person, teamId, role);
  const memberId = (await team.member(person.accountId))?.id ?? "";
  const created = await team.createAccessToken({
    label: "",
    scopes,
    lifetimeMs: 60_000,
    nowMs: Date.now(),
    memberId,
    createdBy: memberId,
  });
  if (!created.ok) throw new Error(created.reason);
  return { teamId, team, memberId, token: created.token };
}

describe("a person's access token", () => {
  test("acts as the person, so that all of their tokens are one principal", async () => {
    const { team, teamId, memberId, token } = await scene("operator", ["aimdb:read"]);
    const second = await team.createAccessToken({
      label: "",
      scopes: ["aimdb:write"],
      lifetimeMs: 60_000,
      nowMs: Date.now(),
      memberId,
      createdBy: memberId,
    });

    const principals = [
      await authenticate(token, bindings),
      await authenticate(second.ok ? second.token : "", bindings),
    ];

    const who = { id: memberId, person: memberId, team: teamId };
    expect(principals.map((known) => known?.principal)).toMatchObject([
      { ...who, scopes: ["aimdb:read"] },
      { ...who, scopes: ["aimdb:read", "aimdb:write"] },
    ]);
    expect(principals[0]?.principal.credential).not.toBe(principals[1]?.principal.credential);
  });

  test("allows what its scopes and the current role both allow", async () => {
    const { team, memberId, token } = await scene("owner", ["aimdb:write"]);
    const scopesAs = async (role: Role) => {
      await team.setRole(memberId, role);
      return (await authenticate(token, bindings))?.principal.scopes;
    };

    expect(await scopesAs("owner")).toEqual(["aimdb:read", "aimdb:write"]);
    expect(await scopesAs("viewer")).toEqual(["aimdb:read"]);
    expect(await scopesAs("operator")).toEqual(["aimdb:read", "aimdb:write"]);
  });

  test("is not valid once the person is removed, nor when they come back", async () => {
    const { team, teamId, memberId, token } = await scene("operator", ["aimdb:read"]);
    await team.removeMember(memberId);
    const removed = await authenticate(token, bindings);
    await addToTeam(await createPerson("ada"), teamId, "operator");

    expect([removed, await authenticate(token, bindings)]).toEqual([undefined, undefined]);
  });

  test("is not valid as soon as it is revoked", async () => {
    const { team, memberId, token } = await scene("operator", ["aimdb:read"]);
    const [shown] = await team.accessTokens(memberId, Date.now());

    expect(await authenticate(token, bindings)).toBeDefined();
    expect(await team.revokeAccessToken(shown?.id ?? "", memberId)).toMatchObject({ type: "now" });
    expect(await authenticate(token, bindings)).toBeUndefined();
  });

  test("shows where it was used from, once each, and the day of its last use", async () => {
    const { team, memberId, token } = await scene("viewer", ["aimdb:read"]);
    for (const network of ["192.0.2.0/24", "192.0.2.0/24", "2001:db8:0::/48"]) {
      await authenticate(token, bindings, network);
    }

    const [shown] = await team.accessTokens(memberId, Date.now());

    expect(shown?.networks.map(({ network }) => network)).toEqual([
      "192.0.2.0/24",
      "2001:db8:0::/48",
    ]);
    expect(shown?.lastUsedDay).toBe(Math.floor(Date.now() / 86_400_000));
  });

  test("remembers twenty networks, no more", async () => {
    const { team, memberId, token } = await scene("viewer", ["aimdb:read"]);
    for (let i = 0; i < 25; i += 1) await authenticate(token, bindings, `192.0.${i}.0/24`);

    expect((await team.accessTokens(memberId, Date.now()))[0]?.networks).toHaveLength(20);
  });

  test("is one of fifty at most", async () => {
    const { team, memberId } = await scene("viewer", ["aimdb:read"]);
    const options = {
      label: "",
      scopes: [],
      lifetimeMs: 60_000,
      nowMs: Date.now(),
      memberId,
      createdBy: "operator",
    };
    for (let i = 1; i < 50; i += 1) await team.createAccessToken(options);

    expect(await team.createAccessToken(options)).toEqual({ ok: false, reason: "limit" });
    expect((await team.createAccessToken({ ...options, memberId: null })).ok).toBe(true);
  });

  test("is made for nobody who is not of the team", async () => {
    const { team } = await scene("viewer", ["aimdb:read"]);
    const about = { label: "", scopes: [], lifetimeMs: 60_000, nowMs: Date.now() };
    const options = { ...about, createdBy: "operator" };

    expect(await team.createAccessToken({ ...options, memberId: "0".repeat(16) })).toEqual({
      ok: false,
      reason: "missing",
    });
  });
});

describe("join tokens and invitations", () => {
  test.each([
    ["is removed", (team: Remote<TeamRpc>, id: string) => team.removeMember(id)],
    ["is an owner no more", (team: Remote<TeamRpc>, id: string) => team.setRole(id, "operator")],
  ])("end where who made them %s, and nobody else's do", async (_what, change) => {
    const { team, memberId } = await scene("owner", []);
    const common = { lifetimeMs: 60_000, nowMs: Date.now() };
    for (const createdBy of [memberId, "operator"]) {
      await team.createJoinToken({ ...common, namePattern: "*", createdBy });
      await team.createInvitation({ ...common, role: "owner", email: null, createdBy });
    }
    const [, kept] = await team.joinTokens(common.nowMs);
    await change(team, memberId);

    expect(await team.joinTokens(common.nowMs)).toEqual([kept]);
    expect(await team.invitations(common.nowMs)).toMatchObject([{ createdBy: "operator" }]);
  });

  test("end with the token of the service that made them", async () => {
    const { team, memberId } = await scene("owner", []);
    const common = { lifetimeMs: 60_000, nowMs: Date.now() };
    const service = await team.createAccessToken({
      ...common,
      label: "",
      scopes: ["aimdb:admin"],
      memberId: null,
      createdBy: memberId,
    });
    const id = service.ok ? service.id : "";
    for (const createdBy of [id, memberId]) {
      await team.createJoinToken({ ...common, namePattern: "*", createdBy });
      await team.createInvitation({ ...common, role: "owner", email: null, createdBy });
    }
    const [, kept] = await team.joinTokens(common.nowMs);
    await team.revokeAccessToken(id, null);

    expect(await team.joinTokens(common.nowMs)).toEqual([kept]);
    expect(await team.invitations(common.nowMs)).toMatchObject([{ createdBy: memberId }]);
  });

  test.each([
    ["was removed", (team: Remote<TeamRpc>, id: string) => team.removeMember(id)],
    ["is an owner no more", (team: Remote<TeamRpc>, id: string) => team.setRole(id, "operator")],
  ])("and a service's token are not made by who %s meanwhile", async (_what, change) => {
    const { team, memberId } = await scene("owner", []);
    await change(team, memberId);

    const common = { lifetimeMs: 60_000, nowMs: Date.now(), createdBy: memberId };
    const service = { ...common, label: "", scopes: ["aimdb:read" as const], memberId: null };
    expect([
      await team.createInvitation({ ...common, role: "owner", email: null }),
      await team.createJoinToken({ ...common, namePattern: "*" }),
      await team.createAccessToken(service),
    ]).toEqual(Array.from({ length: 3 }, () => ({ ok: false, reason: "missing" })));
  });

  test("that are for who is removed end, and nobody else's do", async () => {
    const { team, memberId } = await scene("owner", []);
    const { email = "" } = (await team.members()).find(({ id }) => id === memberId) ?? {};
    const common = { lifetimeMs: 60_000, nowMs: Date.now(), createdBy: "operator" };
    for (const address of [email, "bob@example.com", null]) {
      await team.createInvitation({ ...common, role: "owner", email: address });
    }
    await team.removeMember(memberId);

    const left = await team.invitations(common.nowMs);
    expect(left.map((invitation) => invitation.email)).toEqual(["bob@example.com", null]);
  });

  test("are a hundred at most that are open", async () => {
    const { team } = await scene("viewer", []);
    const common = { lifetimeMs: 60_000, nowMs: Date.now() };
    const join = () => team.createJoinToken({ ...common, namePattern: "*", createdBy: "operator" });
    const invite = () =>
      team.createInvitation({ ...common, role: "viewer", email: null, createdBy: "operator" });
    for (let i = 0; i < 100; i += 1) await Promise.all([join(), invite()]);

    expect([await join(), await invite()]).toEqual([
      { ok: false, reason: "limit" },
      { ok: false, reason: "limit" },
    ]);
  });

  test("make room when they expire", async () => {
    const { team } = await scene("viewer", []);
    const old = {
      lifetimeMs: 1,
      nowMs: Date.now() - 1_000,
      namePattern: "*",
      createdBy: "operator",
    };
    for (let i = 0; i < 100; i += 1) await team.createJoinToken(old);

    expect((await team.createJoinToken({ ...old, nowMs: Date.now() })).ok).toBe(true);
    expect(await team.joinTokens(Date.now() + 10)).toEqual([]);
  });
});

test("a team that was never created knows nobody and stores nothing", async () => {
  const id = bindings.TEAM.newUniqueId().toString();
  const team = teamObject(id);
  const nowMs = Date.now();
  const invitation = { hash: "", accountId: "", email: "", displayName: "", nowMs };

  expect([
    await team.exists(),
    await team.teamName(),
    await team.members(),
    await team.setRole("x", "owner"),
    await team.removeMember("x"),
    await team.createOwnerInvitation({ lifetimeMs: 1, nowMs }),
    await team.openInvitation("", nowMs),
    await team.acceptInvitation(invitation),
    await team.revokeInvitation("x"),
    await team.joinTokens(nowMs),
    await team.revokeJoinToken("x"),
    await team.accessTokens(null, nowMs),
    await team.revokeAccessToken("x", null),
    await team.relayViews(),
    await team.setRelayStatus("x", "suspended"),
    await team.labelRelay("x", ""),
  ]).toEqual([
    false,
    null,
    [],
    { ok: false, reason: "missing" },
    { ok: false, reason: "missing" },
    { ok: false, reason: "missing" },
    null,
    { ok: false, reason: "invitation" },
    false,
    [],
    false,
    [],
    null,
    [],
    null,
    false,
  ]);
  expect(await tablesOf("TEAM", id)).toEqual([]);
});
