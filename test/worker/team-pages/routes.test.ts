import { afterEach, describe, expect, test } from "vitest";
import type { Role } from "../../../worker/access/role.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { inObject } from "../support/objects.ts";
import { plantGrants } from "../support/oauth.ts";
import { Refused, ScriptedRelay } from "../support/scripted-relay.ts";
import { announced } from "../support/builders.ts";
import { createTeam } from "../support/team.ts";
import { member, send, teamWith, textAt } from "../support/team-people.ts";
import { bindings, ORIGIN, TOKEN_ORIGIN } from "../support/worker.ts";

afterEach(cleanUp);

describe("the team's page", () => {
  test("lists people, tokens and relays, and is the same when it is opened again", async () => {
    const { team, browser } = await teamWith("owner");
    await enrollDevice(team);
    await team.accessToken();

    const page = await textAt(browser, "/team");

    expect(page).toMatch(/owner-\d+@example\.com/);
    expect(page).toContain("used by gw-1");
    expect(page).toMatch(
      /<summary aria-label="Revoke gw-1 …">.*enroll it there.*<button[^>]*Revoke gw-1"/,
    );
    expect(page).toContain("a service");
    expect(page).not.toMatch(/aimdb_(pat|join|invite)_/);
    expect(await textAt(browser, "/team")).toHaveLength(page.length);
  });

  test.each([
    [
      { action: "invite", role: "viewer", email: "" },
      /\/invite\/aimdb_invite_[\w-]+/,
      "Send it to the person.",
    ],
    [
      { action: "make_join_token", name_pattern: "gw-*" },
      /aimdb_join_[\w-]+/,
      `aimdb-relay enroll ${ORIGIN} --join-token-file join-token --name NAME<`,
    ],
    [
      { action: "make_join_token", name_pattern: "gw-7" },
      /aimdb_join_[\w-]+/,
      "--join-token-file join-token --name gw-7<",
    ],
    [
      { action: "make_access_token", label: "mine", scope: "aimdb:read" },
      /aimdb_pat_[\w-]+/,
      '<a href="/connect">',
    ],
  ])("makes what %o asks for, shows it once, and says what to do", async (fields, secret, next) => {
    const { browser } = await teamWith("owner");

    const made = await (await send(browser, "/team", fields)).text();

    expect(made).toMatch(secret);
    expect(made).toContain("it is not shown again");
    expect(made).toContain(next);
    expect(await textAt(browser, "/team")).not.toMatch(secret);
  });

  test("lists a hundred people and relays at a time, and leads to the others", async () => {
    const { team, browser } = await teamWith("owner");
    await inObject("TEAM", team.id, ({ storage: { sql } }) => {
      const relay =
        "INSERT INTO relay (name, object_id, public_key, created_at) VALUES (?, ?, '', 0)";
      for (let i = 100; i < 200; i += 1) {
        const name = `gw-${i}`;
        sql.exec("INSERT INTO member VALUES (?1, ?1, ?1, ?1, 'viewer', 0)", name);
        sql.exec(relay, name, name);
      }
    });
    const people = (page: string) => page.match(/aria-label="Role of /g)?.length;

    const first = await textAt(browser, "/team");
    const second = await textAt(browser, "/team?people=100");

    expect([people(first), people(second)]).toEqual([100, 1]);
    expect(first).toContain('<nav class="actions" aria-label="Pages of people">');
    expect(first).toContain('href="/team?people=100">Next</a>');
    expect(second).toContain('href="/team?people=0">Previous</a>');
    expect(first).toContain('aria-label="Label of gw-199"');
    expect(first).not.toContain("Pages of relays");
  });

  test("labels a relay, for whoever operates it", async () => {
    const { team, stub, browser } = await teamWith("operator");
    const viewer = await member(team.id, "viewer", "viewer");
    await enrollDevice(team);

    const fields = { action: "label_relay", target: "gw-1", label: ' Hall "3" ' };
    const set = await send(browser, "/team", fields);

    expect([set.status, (await stub.relayViews())?.[0]?.label]).toEqual([303, 'Hall "3"']);
    expect(await textAt(browser, "/team")).toContain('value="Hall &quot;3&quot;"');
    const seen = await textAt(viewer.browser, "/team");
    expect(seen).toContain("<td>Hall &quot;3&quot;</td>");
    expect(seen).not.toContain("label_relay");
  });

  test("shows a hundred clients, and the others on the next page", async () => {
    const { team, browser, person } = await teamWith("owner");
    const [last = ""] = (await plantGrants(team.id, person, 101)).toReversed();

    const first = await textAt(browser, "/team");
    const link = /href="([^"]*clients=[^"]*)"/.exec(first)?.[1] ?? "";
    const second = await textAt(browser, link);

    expect(first).not.toContain(last);
    expect(second).toContain(last);
    expect(second).not.toContain("More clients");
    expect(await textAt(browser, "/team?clients=nowhere")).toHaveLength(first.length);
  });

  test("ends what it lists", async () => {
    const { team, stub, browser } = await teamWith("owner");
    const bob = await member(team.id, "viewer", "bob");
    await enrollDevice(team);
    await team.accessToken();
    const nowMs = Date.now();
    const [token] = (await stub.accessTokens(null, nowMs)) ?? [];

    await send(browser, "/team", { action: "set_role", target: bob.id, role: "operator" });
    expect((await stub.members())?.map(({ role }) => role)).toEqual(["owner", "operator"]);
    await send(browser, "/team", { action: "remove_member", target: bob.id });
    await send(browser, "/team", { action: "revoke_access_token", target: token?.id ?? "" });
    await send(browser, "/team", { action: "suspend_relay", target: "gw-1" });
    expect((await stub.relayViews())?.[0]?.status).toBe("suspended");
    await send(browser, "/team", { action: "resume_relay", target: "gw-1" });
    expect((await stub.relayViews())?.[0]?.status).toBe("active");
    const last = await send(browser, "/team", { action: "revoke_relay", target: "gw-1" });

    expect([last.status, last.headers.get("location")]).toEqual([303, "/team"]);
    expect(await stub.relayViews()).toEqual([]);
    expect(await stub.members()).toHaveLength(1);
    expect(await stub.accessTokens(null, nowMs)).toEqual([]);
  });

  test.each<[Role, Record<string, string>]>([
    ["operator", { action: "invite", role: "owner", email: "" }],
    ["operator", { action: "make_join_token", name_pattern: "*" }],
    ["operator", { action: "make_access_token", label: "x", scope: "aimdb:admin" }],
    ["operator", { action: "revoke_relay", target: "gw-1" }],
    ["operator", { action: "dismiss_clone", target: "gw-1" }],
    ["operator", { action: "set_on_clone", on_clone: "suspend" }],
    ["viewer", { action: "suspend_relay", target: "gw-1" }],
    ["viewer", { action: "label_relay", target: "gw-1", label: "mine" }],
    ["viewer", { action: "make_access_token", label: "x", scope: "aimdb:write" }],
  ])("does not let an %s do %o", async (role, fields) => {
    const { team, stub, browser } = await teamWith(role);
    await enrollDevice(team);
    const before = JSON.stringify(await stub.relayViews());

    const refused = await send(browser, "/team", fields);

    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("This needs the scope");
    expect(JSON.stringify(await stub.relayViews())).toBe(before);
  });

  test("says which relay was seen twice and from where, and lets an owner dismiss it", async () => {
    const { team, stub, browser } = await teamWith("owner");
    const viewer = await member(team.id, "viewer", "viewer");
    await enrollDevice(team);
    expect(await textAt(browser, "/team")).toContain("No relay was seen twice.");
    const networks = ["203.0.113.0/24", "198.51.100.0/24"];
    await stub.noteCloneSuspected({ relay: "gw-1", networks, nowMs: Date.now() });

    const page = await textAt(browser, "/team");
    expect(page).toContain("from 203.0.113.0/24 and 198.51.100.0/24");
    expect(page).toContain("gw-1 was restored from a backup");
    expect(await textAt(browser, "/")).toContain("A second device seems to dial");
    const seen = await textAt(viewer.browser, "/team");
    expect(seen).toContain("203.0.113.0/24");
    expect(seen).not.toContain("dismiss_clone");

    const fields = { action: "dismiss_clone", target: "gw-1" };
    const forged = await browser.post("/team", { csrf: "wrong", ...fields });
    expect([forged.status, (await stub.relayViews())?.[0]?.clone]).not.toContain(null);
    const done = await send(browser, "/team", fields);
    expect([done.status, done.headers.get("location")]).toEqual([303, "/team"]);
    expect((await stub.relayViews())?.[0]?.clone).toBeNull();
    expect(await textAt(browser, "/")).not.toContain("A second device");
  });

  test("has the choice of what is done with a relay that is seen twice", async () => {
    const { stub, browser } = await teamWith("owner");

    const set = await send(browser, "/team", { action: "set_on_clone", on_clone: "suspend" });

    expect([set.status, await stub.relayPolicy()]).toEqual([303, { on_clone: "suspend" }]);
    expect(await textAt(browser, "/team")).toMatch(/<option value="suspend" selected/);
    const wrong = await send(browser, "/team", { action: "set_on_clone", on_clone: "nothing" });
    expect([wrong.status, await stub.relayPolicy()]).toEqual([400, { on_clone: "suspend" }]);
  });

  test("shows a viewer no invitations, and no forms for what they may not do", async () => {
    const { browser } = await teamWith("viewer");

    const page = await textAt(browser, "/team");

    for (const action of ["invite", "make_join_token", "set_role", "remove_member"]) {
      expect(page).not.toContain(`value="${action}"`);
    }
    expect(page).toContain('value="make_access_token"');
  });

  test("keeps the last owner, and says why", async () => {
    const { browser, id, stub } = await teamWith("owner");

    const refused = await send(browser, "/team", { action: "remove_member", target: id });

    expect(await refused.text()).toContain("only owner");
    expect(await stub.members()).toHaveLength(1);
  });
});

describe("the connector's page", () => {
  test("has this installation's addresses for each client", async () => {
    const { browser } = await teamWith("viewer");

    const page = await textAt(browser, "/connect");

    for (const client of ["Claude", "Claude Code", "ChatGPT", "VS Code", "Cursor", "Codex"]) {
      expect(page).toContain(`<h2>${client}</h2>`);
    }
    expect(page).toContain(`claude mcp add --transport http aimdb ${ORIGIN}/mcp<`);
    expect(page).toContain(`codex mcp add aimdb --url ${TOKEN_ORIGIN}/mcp --bearer-token-env-var`);
  });
});

describe("the connector's test", () => {
  const stepsIn = (page: string) =>
    [...page.matchAll(/<li>.*?<\/li>/g)].map(([item]) => item.replaceAll(/<[^>]*>/g, " "));

  test("meets what a client would, up to an instance's answer", async () => {
    const { team, browser } = await teamWith("viewer");
    const relay = await ScriptedRelay.connect(await enrollDevice(team), [announced({})]);
    relay.script = () => ({ records: [], total: 0, next_offset: null });

    const steps = stepsIn(await (await send(browser, "/connect", {})).text());

    expect(steps).toEqual([
      expect.stringMatching(/passed.*The sign-in is found.*is sent to/s),
      expect.stringMatching(/passed.*The tools are offered.*\d\d tools/s),
      expect.stringMatching(/passed.*An instance answers.*gw-1\/plant said/s),
    ]);
  });

  test("says what to do if there is no relay, or none answers", async () => {
    const { team, browser } = await teamWith("viewer");
    const before = stepsIn(await (await send(browser, "/connect", {})).text());
    const relay = await ScriptedRelay.connect(await enrollDevice(team), [announced({})]);
    relay.script = () => new Refused("rate_limited", "The device limits calls.");
    const after = stepsIn(await (await send(browser, "/connect", {})).text());

    expect(before.at(-1)).toMatch(/failed.*has no relay yet/s);
    expect(after.at(-1)).toMatch(/failed.*gw-1\/plant did not answer/s);
  });
});

describe("the page of activity", () => {
  test("shows what was changed, finds it, and exports all of it as lines", async () => {
    const { team, browser, id } = await teamWith("owner");
    await send(browser, "/team", { action: "make_join_token", name_pattern: "gw-<b>" });

    const page = await textAt(browser, "/activity");
    const mine = await textAt(browser, `/activity?principal=${id}&action=`);
    const none = await textAt(browser, "/activity?action=relay.revoke");
    const exported = await browser.get("/activity/export?action=join_token.create");

    expect(page).toContain("join_token.create");
    expect(page).toContain("write_policy.replace");
    expect(mine).toContain("join_token.create");
    expect(mine).not.toContain("write_policy.replace");
    expect(none).toContain("Nothing.");
    expect((await exported.text()).trim().split("\n")).toHaveLength(2);
    expect(await textAt(browser, `/activity?team=${team.id}`)).toContain("<h1>Activity</h1>");
  });

  test("shows who it was that left, and what a token that ended was called", async () => {
    const { team, browser } = await teamWith("owner");
    const bob = await member(team.id, "owner", "bob");
    const form = { action: "make_access_token", label: "bob's laptop", scope: "aimdb:read" };
    await send(bob.browser, "/team", form);
    await send(browser, "/team", { action: "remove_member", target: bob.id });

    const theirs = await textAt(browser, `/activity?principal=${bob.id}`);
    const page = await textAt(browser, "/activity");
    expect(theirs).toContain(`${bob.person.email}, left`);
    expect(theirs).toContain("bob&#39;s laptop");
    expect(page).toContain("the admin token");
  });

  test("shows what happened in a span of time, in UTC as the page's own times", async () => {
    const { browser } = await teamWith("owner");
    await send(browser, "/team", { action: "make_join_token", name_pattern: "gw" });
    const local = (offsetMs: number) => new Date(Date.now() + offsetMs).toISOString().slice(0, 16);
    const earlier = local(-3_600_000);
    const later = local(3_600_000);

    const within = await textAt(browser, `/activity?since=${earlier}&until=${later}`);
    const before = await textAt(browser, `/activity?until=${earlier}`);
    const exported = await browser.get(`/activity/export?since=${later}`);
    const wrong = await browser.get("/activity?since=yesterday");

    expect(within).toContain("join_token.create");
    expect(within).toContain(`value="${earlier}"`);
    expect(before).toContain("Nothing.");
    expect(await exported.text()).toBe("");
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toContain(
      "since: has the wrong form; write it like 2026-11-01T00:00:00Z.",
    );
  });

  test("shows a viewer nothing of others", async () => {
    const { browser } = await teamWith("viewer");

    expect(await textAt(browser, "/activity")).toContain("Nothing.");
    expect(await textAt(browser, "/activity/export")).toBe("");
  });

  test("of another team is that of a team that never existed", async () => {
    const { team } = await teamWith("owner");
    const eve = await member((await createTeam("other")).id, "owner", "eve");
    const at = async (path: string) =>
      (await textAt(eve.browser, path)).replaceAll(/nonce="\w+"/g, "");

    for (const path of ["/activity", "/activity/export"]) {
      expect(await at(`${path}?team=${team.id}`)).toBe(await at(`${path}?team=${"0".repeat(64)}`));
    }
  });
});

describe("a form of these pages", () => {
  const FORMS: [string, Record<string, string>][] = [
    ["/team", { action: "make_join_token", name_pattern: "*" }],
    ["/policy", { policy: '{"rules":[]}' }],
    ["/connect", {}],
  ];

  test.each(FORMS)(
    "at %s is refused from elsewhere, or without the token",
    async (path, fields) => {
      const { browser, stub } = await teamWith("owner");
      const before = JSON.stringify(await stub.writePolicy());

      const foreign = await send(browser, path, fields, { origin: "https://evil.example" });
      const bare = await send(browser, path, { ...fields, csrf: "x" });

      expect([foreign.status, bare.status]).toEqual([403, 403]);
      expect(await stub.joinTokens(Date.now())).toEqual([]);
      expect(JSON.stringify(await stub.writePolicy())).toBe(before);
    },
  );

  test.each(FORMS)("at %s reaches no other team", async (path, fields) => {
    const { team } = await teamWith("owner");
    const other = await createTeam("other");
    const eve = await member(other.id, "owner", "eve");

    const theirs = await send(eve.browser, `${path}?team=${team.id}`, fields);
    const missing = await send(eve.browser, `${path}?team=${"0".repeat(64)}`, fields);
    const stripped = async (response: Response) =>
      (await response.text()).replaceAll(/nonce="\w+"/g, "");

    expect([theirs.status, missing.status]).toEqual([404, 404]);
    expect(await stripped(theirs)).toBe(await stripped(missing));
    expect(await teamOf(bindings, team.id)?.joinTokens(Date.now())).toEqual([]);
  });
});
