import { afterEach, describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import type { Request as LinkRequest } from "#shared/link/request.ts";
import { accountOf } from "../../../worker/account/stub.ts";
import type { Role } from "../../../worker/access/role.ts";
import type { Principal } from "../../../worker/auth/principal.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { Browser } from "../support/browser.ts";
import { write } from "../support/calls.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { dumpOf, inObject } from "../support/objects.ts";
import {
  addToTeam,
  createPerson,
  sessionOf,
  signedIn,
  signIn,
  type TestPerson,
} from "../support/person.ts";
import { ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam } from "../support/team.ts";
import { bearer, bindings } from "../support/worker.ts";
import { APPLIED } from "../support/writes.ts";

afterEach(cleanUp);

async function memberOf(teamId: string, role: Role, name?: string) {
  const person = await createPerson(name);
  await addToTeam(person, teamId, role);
  const member = await teamOf(bindings, teamId)?.member(person.accountId);
  return { person, browser: await signedIn(person), memberId: member?.id ?? "" };
}

/** A write of a service token, or of `person`'s, that waits for its page. */
async function waiting({ byPerson = false }: { byPerson?: boolean } = {}) {
  const team = await createTeam();
  await team.setWritePolicy({ rules: [{ record: "*" }] });
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device);
  const state = { held: { celsius: 20 } as JsonValue, sent: [] as LinkRequest[] };
  relay.script = (request) => {
    const isDryRun = JSON.stringify(request.params).includes('"dry_run":true');
    if (!isDryRun) state.sent.push(request);
    return isDryRun
      ? { outcome: "checked", record_key: "sensor.temp", current: state.held }
      : APPLIED;
  };
  const operator = await memberOf(team.id, "operator");
  const service = await team.principal(["aimdb:write"]);
  const principal: Principal = byPerson ? { ...service, person: operator.memberId } : service;
  const value = { celsius: 21, note: "<b>\u202e</b>" };
  const asked = await write(device, principal, { value });
  if (!asked.ok) throw new Error(asked.failure.message);
  const path = `/confirm/${asked.report.callId}`;
  return { team, device, state, path, ...operator };
}

/** The fields of the page's form, with what the test changes. */
async function decide(
  browser: Browser,
  path: string,
  change: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const page = await (await browser.get(path)).text();
  const shown = /name="shown" value="([^"]*)"/.exec(page)?.[1] ?? "";
  const csrf = (await sessionOf(browser))?.csrfToken ?? "";
  return browser.post(path, { csrf, shown, decision: "approve", ...change }, headers);
}

/** Without what differs between two answers to one browser: the style's nonce. */
async function textOf(response: Response): Promise<string> {
  const text = await response.text();
  return `${response.status} ${text.replaceAll(/nonce="\w+"/g, "")}`;
}

async function provenAgo({ accountId }: TestPerson, ms: number | null): Promise<void> {
  await inObject("ACCOUNT", accountId, ({ storage: { sql } }) => {
    sql.exec("UPDATE session SET proven_at = proven_at - ?", ms);
  });
}

describe("the page of a write", () => {
  test("shows who asks, and the new value beside the current one", async () => {
    const { browser, path } = await waiting();

    const page = await browser.get(path);
    const text = await page.text();

    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain("form-action 'self'");
    expect(text).toMatch(/a service \(\w+\)/);
    for (const shown of ["gw-1/plant", "sensor.temp", "plant", "&quot;celsius&quot;: 20"]) {
      expect(text).toContain(shown);
    }
    expect(text).toContain("&quot;celsius&quot;: 21");
    expect(text).toContain("&lt;b&gt;\\u{202e}&lt;/b&gt;");
    expect(text).toMatch(/Expires at.*<time datetime="20/);
  });

  test("names the person and the token or the client that asked", async () => {
    const { browser, path, device } = await waiting({ byPerson: true });
    const before = await (await browser.get(path)).text();
    await inObject("RELAY", device.relay_id, ({ storage: { sql } }) => {
      sql.exec("UPDATE write_call SET ask = json_set(ask, '$.credential', NULL)");
    });
    const after = await (await browser.get(path)).text();

    expect(before).toMatch(/Asked by<\/dt><dd>ada-?\d*@example.com/);
    expect(before).toContain("an access token without a label");
    expect(after).toContain("a credential that is gone by now");
  });

  test("shows what a record's name hides, in its heading too", async () => {
    const { browser, path, device } = await waiting();
    await inObject("RELAY", device.relay_id, ({ storage: { sql } }) => {
      sql.exec("UPDATE write_call SET record = ?", "sensor.\u202epmet");
    });

    const text = await (await browser.get(path)).text();

    expect(text).toContain("<h1>Write to sensor.\\u{202e}pmet?</h1>");
    expect(text).not.toContain("\u202e");
  });

  test("changes nothing by being opened", async () => {
    const { browser, path, device, state } = await waiting();
    const before = await dumpOf("RELAY", device.relay_id);

    await browser.get(path);
    await browser.get(`${path}?decision=approve`);

    expect(await dumpOf("RELAY", device.relay_id)).toBe(before);
    expect(state.sent).toEqual([]);
  });

  test("asks a stranger to sign in, whatever the call id, and brings them back", async () => {
    const { path, person } = await waiting();
    const browser = new Browser();
    const missing = `/confirm/${"0".repeat(64)}.${"0".repeat(32)}`;
    const answers = [await browser.get(path), await browser.get(missing)];
    const [there = "", nowhere = ""] = answers.map(({ headers }) => headers.get("location") ?? "");

    expect(there).toBe(`/login?next=${encodeURIComponent(path)}`);
    expect(nowhere).toBe(`/login?next=${encodeURIComponent(missing)}`);
    const back = await browser.post(there, {
      email: person.email,
      password: "correct horse battery",
    });
    expect(back.headers.get("location")).toBe(path);
    expect((await browser.get(path)).status).toBe(200);
  });

  test.each(["x", "..%2f", "0".repeat(64), `${"f".repeat(64)}.${"0".repeat(32)}`])(
    "is the same page for an id that means nothing: %s",
    async (id) => {
      const { browser } = await waiting();

      const answer = await browser.get(`/confirm/${id}`);

      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain("There is nothing to confirm");
    },
  );

  test("is for another team, byte for byte, the same as a missing one", async () => {
    const { path, state } = await waiting();
    const other = await createTeam("other");
    const { browser } = await memberOf(other.id, "owner", "eve");
    const missing = path.replace(/.{32}$/, "0".repeat(32));

    expect(await textOf(await browser.get(path))).toBe(await textOf(await browser.get(missing)));
    expect(await textOf(await decide(browser, path))).toBe(
      await textOf(await decide(browser, missing)),
    );
    expect(state.sent).toEqual([]);
  });

  test("is not for a viewer of the team", async () => {
    const { team, path, state } = await waiting();
    const { browser } = await memberOf(team.id, "viewer");

    expect((await browser.get(path)).status).toBe(404);
    expect((await decide(browser, path)).status).toBe(404);
    expect(state.sent).toEqual([]);
  });

  test("is gone when the question has expired", async () => {
    const { browser, path, device, state } = await waiting();
    await inObject("RELAY", device.relay_id, ({ storage: { sql } }) => {
      sql.exec("UPDATE write_call SET expires_at = 1");
    });
    const missing = path.replace(/.{32}$/, "0".repeat(32));

    expect(await textOf(await browser.get(path))).toBe(await textOf(await browser.get(missing)));
    expect((await decide(browser, path)).status).toBe(404);
    expect(state.sent).toEqual([]);
  });
});

describe("the decision", () => {
  test("to approve writes once, however often the button is pressed, and shows the outcome", async () => {
    const { browser, path, state } = await waiting();

    const answers = await Promise.all([decide(browser, path), decide(browser, path)]);
    const again = await decide(browser, path);
    const page = await (await browser.get(path)).text();

    expect([...answers, again].map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(again.headers.get("location")).toBe(path);
    expect(state.sent).toMatchObject([{ params: { approval: "human", value: { celsius: 21 } } }]);
    expect(page).toContain("Written");
    expect(page).not.toContain('name="decision"');
  });

  test("to decline writes nothing, and is final", async () => {
    const { browser, path, state } = await waiting();

    await decide(browser, path, { decision: "decline" });
    await decide(browser, path);

    expect(await (await browser.get(path)).text()).toContain("Declined");
    expect(state.sent).toEqual([]);
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ["without the session's own token", { csrf: "x" }, {}],
    ["from another origin", {}, { origin: "https://evil.example" }],
    ["from a page of no origin", {}, { origin: "null" }],
    ["that is none", { decision: "maybe" }, {}],
  ])("is refused %s", async (_name, change, headers) => {
    const { browser, path, state } = await waiting();

    const answer = await decide(browser, path, change, headers);

    expect(answer.status).toBe(403);
    expect(state.sent).toEqual([]);
  });

  test("belongs to a browser session: a token decides nothing, and does no harm beside one", async () => {
    const { browser, path, state, team } = await waiting();
    const token = await team.accessToken(["aimdb:admin"]);

    const alone = await decide(new Browser(), path, {}, bearer(token));
    expect(alone.headers.get("location")).toMatch(/^\/login\?next=/);
    expect(state.sent).toEqual([]);
    expect((await decide(browser, path, {}, bearer(token))).status).toBe(303);
    expect(state.sent).toHaveLength(1);
  });

  test("belongs to the asking person, and to nobody else in the team", async () => {
    const { browser, path, state, team } = await waiting({ byPerson: true });
    const owner = await memberOf(team.id, "owner", "owner");

    const seen = await (await owner.browser.get(path)).text();
    const refused = await decide(owner.browser, path);
    const declined = await decide(owner.browser, path, { decision: "decline" });

    expect(seen).toContain("Only the person whose client asked");
    expect(seen).not.toContain('name="decision"');
    expect([refused.status, declined.status]).toEqual([403, 403]);
    expect(state.sent).toEqual([]);
    expect((await decide(browser, path)).status).toBe(303);
    expect(state.sent).toHaveLength(1);
  });

  test.each([
    { decision: "approve", ago: "long ago", ms: 15 * 60_000 + 1 },
    { decision: "decline", ago: "long ago", ms: 15 * 60_000 + 1 },
    // As after a sign-in at a provider that does not say when it asked.
    { decision: "approve", ago: "nobody knows when", ms: null },
  ])(
    "to $decision needs a sign-in of the last quarter of an hour, not one of $ago, and is made after the next",
    async ({ decision, ms }) => {
      const { browser, path, state, person } = await waiting();
      await provenAgo(person, ms);

      const refused = await decide(browser, path, { decision });
      const login = refused.headers.get("location") ?? "";

      expect(login).toBe(`/login?next=${encodeURIComponent(path)}&again=1`);
      expect(await (await browser.get(login)).text()).toContain("Sign in again");
      expect(await (await browser.get(path)).text()).toContain("To be written");
      await signIn(person, browser);
      await decide(browser, path, { decision });
      expect(await (await browser.get(path)).text()).toMatch(/Written|Declined/);
      expect(state.sent).toHaveLength(decision === "approve" ? 1 : 0);
    },
  );

  test("is asked for again if the record changed since it was shown", async () => {
    const { browser, path, state } = await waiting();
    state.held = { celsius: 35 };

    const answer = await decide(browser, path);
    const text = await answer.text();

    expect(answer.status).toBe(409);
    expect(text).toContain("The record changed since it was shown");
    expect(text).toContain("&quot;celsius&quot;: 35");
    expect(state.sent).toEqual([]);
    expect((await decide(browser, path)).status).toBe(303);
    expect(state.sent).toHaveLength(1);
  });

  test("is asked for again from a page that shows an older value than another page did", async () => {
    const { browser, path, state } = await waiting();
    const page = await (await browser.get(path)).text();
    const shown = /name="shown" value="([^"]*)"/.exec(page)?.[1] ?? "";
    state.held = { celsius: 35 };
    await decide(browser, path);

    expect((await decide(browser, path, { shown })).status).toBe(409);
    expect(state.sent).toEqual([]);
  });

  test("is impossible once the person has left the team", async () => {
    const { browser, path, state, team, person, memberId } = await waiting();
    await memberOf(team.id, "owner", "owner");
    await teamOf(bindings, team.id)?.removeMember(memberId);

    expect((await decide(browser, path)).status).toBe(404);
    expect(await accountOf(bindings, person.accountId)?.password()).toBeTruthy();
    expect(state.sent).toEqual([]);
  });
});
