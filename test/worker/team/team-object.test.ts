import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { hashSecret } from "../../../worker/auth/secret.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { dumpOf, inObject, newObjectId, tablesOf } from "../support/objects.ts";
import { createTeam, teamObject } from "../support/team.ts";
import { bindings } from "../support/worker.ts";

afterEach(() => reset());

const DAY_MS = 86_400_000;

function at(nowMs: number) {
  return { nowMs, network: "192.0.2.0/24" };
}

describe("tokens of a team object", () => {
  test("are nowhere in its storage as text", async () => {
    const team = await createTeam();
    const secrets = [await team.joinToken(), await team.accessToken()];

    const dump = await dumpOf("TEAM", team.id);

    for (const secret of secrets) {
      expect(dump).toContain(await hashSecret(secret));
      const random = secret.split("_").slice(3).join("_").slice(0, 43);
      expect(random).toHaveLength(43);
      expect(dump).not.toContain(random);
    }
  });

  test("are valid until they expire and not in that millisecond", async () => {
    const { id } = await createTeam();
    const options = {
      label: "ci",
      scopes: ["aimdb:read"],
      lifetimeMs: 1_000,
      nowMs: 5_000,
      memberId: null,
      createdBy: "operator",
    } as const;
    const created = await teamObject(id).createAccessToken(options);
    if (!created.ok) throw new Error(created.reason);
    const hash = await hashSecret(created.token);

    expect(created.expiresAtMs).toBe(6_000);
    expect(await teamObject(id).authorize(hash, at(5_999))).toEqual({
      id: created.id,
      principal: created.id,
      scopes: ["aimdb:read"],
      expiresAtMs: 6_000,
      rightsVersion: 1,
      auditReads: "batched",
    });
    expect(await teamObject(id).authorize(hash, at(6_000))).toBeNull();
  });

  test("give the scopes they were made with, and none the release does not know", async () => {
    const team = await createTeam();
    const hash = await hashSecret(await team.accessToken(["aimdb:read", "aimdb:write"]));
    await inObject("TEAM", team.id, ({ storage: { sql } }) =>
      sql.exec("UPDATE access_token SET scopes = scopes || ' aimdb:everything'").toArray(),
    );

    const credential = await teamObject(team.id).authorize(hash, at(Date.now()));

    expect(credential?.scopes).toEqual(["aimdb:read", "aimdb:write"]);
  });

  test("remember the day they were last used", async () => {
    const team = await createTeam();
    const { id } = team;
    const hash = await hashSecret(await team.accessToken());
    const today = Math.floor(Date.now() / DAY_MS);
    const lastUsed = () =>
      inObject("TEAM", id, ({ storage: { sql } }) =>
        sql.exec("SELECT last_used_day AS day FROM access_token").toArray(),
      );

    const unused = await lastUsed();
    await teamObject(id).authorize(hash, at(today * DAY_MS + 1));
    const used = await lastUsed();
    await teamObject(id).authorize(hash, at((today + 1) * DAY_MS));

    expect([unused, used, await lastUsed()]).toEqual([
      [{ day: null }],
      [{ day: today }],
      [{ day: today + 1 }],
    ]);
  });

  test("are not found by a hash nobody has", async () => {
    const { id } = await createTeam();

    expect(await teamObject(id).authorize(await hashSecret("x"), at(Date.now()))).toBeNull();
  });
});

describe("a team object that was never created", () => {
  test("answers missing to everything and stores nothing", async () => {
    const id = newObjectId("TEAM");
    const team = teamObject(id);
    const nowMs = Date.now();

    const answers = [
      await team.createJoinToken({ namePattern: "*", createdBy: "operator", lifetimeMs: 1, nowMs }),
      await team.createAccessToken({
        label: "",
        scopes: [],
        lifetimeMs: 1,
        nowMs,
        memberId: null,
        createdBy: "operator",
      }),
      await team.authorize("", at(nowMs)),
      await team.relays(),
      await team.relay("gw-1"),
      await team.enroll({
        tokenHash: "",
        name: "gw-1",
        publicKey: { kty: "OKP", crv: "Ed25519", x: "A".repeat(43) },
        nowMs,
      }),
    ];

    const missing = { ok: false, reason: "missing" };
    expect(answers).toEqual([missing, missing, null, [], null, { ok: false, reason: "token" }]);
    expect(await tablesOf("TEAM", id)).toEqual([]);
  });
});

test("create() keeps the team that is there", async () => {
  const { id } = await createTeam("plant");

  await teamObject(id).create({ name: "other", installation: "other", createdAtMs: 0 });

  expect(await dumpOf("TEAM", id)).not.toContain("other");
});

test.each(["", "abc", "0".repeat(64), "zz".repeat(32)])("teamOf() has nothing for %j", (id) => {
  expect(teamOf(bindings, id)).toBeUndefined();
});
