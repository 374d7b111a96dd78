import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { authenticate } from "../../../worker/auth/authenticate.ts";
import { createSecret } from "../../../worker/auth/secret.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { enrollDevice } from "../support/device.ts";
import { newObjectId, objectIds, tablesOf } from "../support/objects.ts";
import { createTeam } from "../support/team.ts";
import { bindings } from "../support/worker.ts";

afterEach(() => reset());

describe("authenticate()", () => {
  test("makes a principal of its team's token", async () => {
    const team = await createTeam();

    const known = await authenticate(await team.accessToken(["aimdb:write"]), bindings);

    expect(known?.principal).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      credential: known?.principal.id,
      team: team.id,
      scopes: ["aimdb:write"],
      rightsVersion: 1,
      auditReads: "batched",
    });
    expect(known?.expiresAtMs).toBeGreaterThan(Date.now());
  });

  test("refuses an expired token", async () => {
    const team = await createTeam();
    const created = await teamOf(bindings, team.id)?.createAccessToken({
      label: "",
      scopes: ["aimdb:read"],
      lifetimeMs: 1,
      nowMs: Date.now() - 1_000,
      memberId: null,
      createdBy: "operator",
    });

    const token = created?.ok === true ? created.token : "";
    expect(token).not.toBe("");
    expect(await authenticate(token, bindings)).toBeUndefined();
  });

  test("refuses a join token", async () => {
    const team = await createTeam();

    expect(await authenticate(await team.joinToken(), bindings)).toBeUndefined();
  });

  test("refuses a token that names a team other than the one that has it", async () => {
    const [own, other] = [await createTeam("a"), await createTeam("b")];
    const token = await own.accessToken();

    expect(await authenticate(token.replace(own.id, other.id), bindings)).toBeUndefined();
  });

  test.each([
    { name: "no token of ours", tokenOf: () => "" },
    { name: "an unknown secret of a team", tokenOf: (team: string) => createSecret("pat", team) },
    { name: "an invented team", tokenOf: () => createSecret("pat", "ab".repeat(32)) },
    {
      name: "a team id with a digit changed",
      tokenOf: (team: string) =>
        createSecret("pat", (team.startsWith("0") ? "1" : "0") + team.slice(1)),
    },
    { name: "a relay's id", tokenOf: (_team: string, relay: string) => createSecret("pat", relay) },
  ])("refuses $name and makes no object", async ({ tokenOf }) => {
    const team = await createTeam();
    const { relay_id } = await enrollDevice(team);
    const before = await objectIds("TEAM");

    expect(await authenticate(tokenOf(team.id, relay_id), bindings)).toBeUndefined();
    expect(await objectIds("TEAM")).toEqual(before);
  });

  test("refuses a team that was never created and stores nothing in it", async () => {
    const id = newObjectId("TEAM");

    expect(await authenticate(createSecret("pat", id), bindings)).toBeUndefined();
    expect(await tablesOf("TEAM", id)).toEqual([]);
  });
});
