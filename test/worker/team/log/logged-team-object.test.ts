/** What changes in a team without its management API, in its log. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { hashSecret } from "../../../../worker/auth/secret.ts";
import { enrollDevice } from "../../support/device.ts";
import { inObject } from "../../support/objects.ts";
import { createPerson } from "../../support/person.ts";
import { createTeam, teamObject } from "../../support/team.ts";

afterEach(() => reset());

const FULL =
  "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'disk full'); END";

async function fresh() {
  const made = await createTeam();
  const team = teamObject(made.id);
  const actions = async () => {
    const page = { order: "oldest", limit: 500, withIntents: true } as const;
    const lines = await team.activity({ principal: undefined }, page, Date.now());
    return lines.map(({ entry }) => JSON.parse(entry) as Record<string, unknown>);
  };
  const invite = async () => {
    const about = { role: "viewer", email: null, createdBy: "operator" } as const;
    const invited = await team.createInvitation({
      ...about,
      lifetimeMs: 60_000,
      nowMs: Date.now(),
    });
    return invited.ok ? invited.token : "";
  };
  return { made, team, actions, invite };
}

describe("in the log is", () => {
  test("a device that enrolls, and takes another key", async () => {
    const { made, team, actions } = await fresh();
    await enrollDevice(made, "gw-1");
    await team.setRelayKey("gw-1", "x".repeat(43));

    expect((await actions()).slice(-2)).toMatchObject([
      { principal: "device", action: "relay.enroll", target: "gw-1", outcome: "done" },
      { principal: "device", action: "relay.rotate", target: "gw-1", outcome: "done" },
    ]);
  });

  test("a person who joins", async () => {
    const { team, actions, invite } = await fresh();
    const person = await createPerson();
    const hash = await hashSecret(await invite());
    const about = { accountId: person.accountId, email: "a@example.com", displayName: "A" };
    expect(await team.acceptInvitation({ hash, ...about, nowMs: Date.now() })).toEqual({
      ok: true,
    });

    const member = await team.member(person.accountId);
    expect((await actions()).at(-1)).toMatchObject({
      action: "member.join",
      principal: member?.id,
      target: member?.id,
    });
  });

  test("a relay that seems to be seen twice, once, and that the team suspends it", async () => {
    const { made, team, actions } = await fresh();
    await enrollDevice(made, "gw-1");
    await team.setRelayPolicy({ on_clone: "suspend" });
    const report = { relay: "gw-1", networks: ["192.0.2.0/24"], nowMs: Date.now() };
    await team.noteCloneSuspected(report);
    await team.noteCloneSuspected(report);

    expect((await actions()).map(({ action }) => action).slice(-2)).toEqual([
      "relay.clone_suspected",
      "relay.suspend",
    ]);
  });
});

describe("a log that can't be written", () => {
  test("lets nobody join", async () => {
    const { made, team, invite } = await fresh();
    const person = await createPerson();
    const hash = await hashSecret(await invite());
    await inObject("TEAM", made.id, ({ storage: { sql } }) => void sql.exec(FULL));
    const about = { accountId: person.accountId, email: "a@example.com", displayName: "A" };

    const joining = team.acceptInvitation({ hash, ...about, nowMs: Date.now() });
    expect(await joining.then(() => "joined", String)).toContain("disk full");
    expect(await team.member(person.accountId)).toBeNull();
    expect(await team.openInvitation(hash, Date.now())).not.toBeNull();
  });
});
