import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { accountOf } from "../../../worker/account/stub.ts";
import { authenticate } from "../../../worker/auth/authenticate.ts";
import { directoryOf } from "../../../worker/directory/stub.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { Browser } from "../support/browser.ts";
import { dumpOf, inObject } from "../support/objects.ts";
import {
  addToTeam,
  createPerson,
  PASSWORD,
  sessionOf,
  signedIn,
  signIn,
  type TestPerson,
} from "../support/person.ts";
import { createTeam } from "../support/team.ts";
import { passwordActionsOf } from "../support/team-log.ts";
import { bindings } from "../support/worker.ts";

afterEach(() => reset());

const NEW = "another horse battery";
const EVIL = { origin: "https://evil.example" };

async function send(
  browser: Browser,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const csrf = (await sessionOf(browser))?.csrfToken ?? "";
  return browser.post("/account", { csrf, ...fields }, headers);
}

function change(browser: Browser, current = PASSWORD, password = NEW): Promise<Response> {
  return send(browser, { action: "change_password", current, password });
}

async function statusOfSignIn({ email }: TestPerson, password: string): Promise<number> {
  return (await new Browser({}, "198.51.100.7").post("/login", { email, password })).status;
}

async function providersPerson(): Promise<TestPerson> {
  const email = "grace@example.com";
  const identity = { issuer: "https://id.example", subject: "grace" };
  const account = { email, displayName: "Grace", password: null, identity, nowMs: Date.now() };
  const created = await directoryOf(bindings).createAccount(account);
  return { accountId: created.ok ? created.accountId : "", email };
}

describe("the account's page", () => {
  test("is where password managers find it", async () => {
    const response = await new Browser().get("/.well-known/change-password");

    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/account");
  });

  test("shows a person their name and teams, with a link to each team's page", async () => {
    const person = await createPerson("ada");
    const [plant, lab] = [await createTeam("plant"), await createTeam("lab")];
    await addToTeam(person, plant.id, "owner");
    await addToTeam(person, lab.id, "viewer");

    const page = await (await (await signedIn(person)).get("/account")).text();

    expect(page).toContain("<dd>ada</dd>");
    expect(page).toContain(`<dd>${person.email}</dd>`);
    expect(page).toContain(`<a href="/team?team=${plant.id}">plant</a>, as owner`);
    expect(page).toContain(`<a href="/team?team=${lab.id}">lab</a>, as viewer`);
    expect(page).toContain("Connected clients and access tokens stay");
  });

  test("lists each of several teams, and has no bar for a person in none", async () => {
    const person = await createPerson();
    const [plant, lab] = [await createTeam("plant"), await createTeam("<lab>")];
    await addToTeam(person, plant.id, "owner");
    await addToTeam(person, lab.id, "viewer");

    const page = await (await (await signedIn(person)).get("/account")).text();
    const alone = await (await (await signedIn(await createPerson())).get("/account")).text();

    expect(page).toContain(
      `<nav aria-label="Team"><a href="/?team=${plant.id}">plant</a><a href="/?team=${lab.id}">&lt;lab&gt;</a></nav>`,
    );
    expect(alone).not.toContain("<nav");
  });

  test("lists the pages of the only team, and has a link on each of them", async () => {
    const person = await createPerson();
    await addToTeam(person, (await createTeam()).id, "viewer");
    const browser = await signedIn(person);

    const page = await (await browser.get("/account")).text();

    expect(page).toContain('<a href="/activity">Activity</a>');
    expect(page).not.toContain("aria-current=");
    expect(await (await browser.get("/team")).text()).toContain('href="/account"');
  });

  test("is not there without a session", async () => {
    const browser = new Browser();
    const answers = [await browser.get("/account"), await change(browser)];

    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(answers[0]?.headers.get("location")).toBe("/login?next=%2Faccount");
  });

  test("says where a provider's person changes the password, and takes none", async () => {
    const person = await providersPerson();
    const browser = await signedIn(person);

    const page = await (await browser.get("/account")).text();
    const answer = await change(browser, "whatever it was");

    expect(page).toContain("You sign in at an OpenID provider: your password is there");
    expect(page).not.toContain("Current password");
    expect(page).toContain("Sign out everywhere else");
    expect(answer.status).toBe(403);
    expect(await accountOf(bindings, person.accountId)?.password()).toBeNull();
  });
});

describe("changing the password", () => {
  test("accepts the new one and no longer the old one", async () => {
    const person = await createPerson();
    const answer = await change(await signedIn(person));

    expect([answer.status, answer.headers.get("location")]).toEqual([
      303,
      "/account?done=password",
    ]);
    expect(await statusOfSignIn(person, PASSWORD)).toBe(401);
    expect(await statusOfSignIn(person, NEW)).toBe(303);
  });

  test("ends every session; this browser has a new one, whose person has proved who they are", async () => {
    const person = await createPerson();
    const [here, there] = [await signedIn(person, null), await signedIn(person)];
    const before = here.cookie("session") ?? "";

    const at = Date.now();
    await change(here);
    const old = new Browser();
    old.setCookie("session", before);

    expect(await sessionOf(there)).toBeUndefined();
    expect(await sessionOf(old)).toBeUndefined();
    expect((await sessionOf(here))?.provenAtMs).toBeGreaterThanOrEqual(at);
    expect(await (await here.get("/account?done=password")).text()).toContain(
      '<p role="status">Your password is changed, and every other browser is signed out.</p>',
    );
  });

  test("needs the current one: a wrong one changes nothing", async () => {
    const person = await createPerson();
    const [here, there] = [await signedIn(person), await signedIn(person)];

    const answer = await change(here, "wrong password");

    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("The current password is wrong.");
    expect([await sessionOf(here), await sessionOf(there)]).not.toContain(undefined);
    expect(await statusOfSignIn(person, PASSWORD)).toBe(303);
  });

  test("counts a wrong one as a failed sign-in, with the same delays", async () => {
    const person = await createPerson();
    const browser = await signedIn(person);
    for (let i = 0; i < 3; i += 1) await change(browser, `wrong password ${i}`);
    for (let i = 0; i < 2; i += 1) {
      const fields = { email: person.email, password: "wrong password" };
      await new Browser().post("/login", fields);
    }

    const delayed = await change(browser);

    expect(delayed.status).toBe(429);
    expect(Number(delayed.headers.get("retry-after"))).toBeGreaterThan(170);
    expect(await statusOfSignIn(person, PASSWORD)).toBe(303);
  });

  test("leaves connected clients and access tokens as they are", async () => {
    const person = await createPerson();
    const team = await createTeam();
    await addToTeam(person, team.id, "owner");
    const stub = teamOf(bindings, team.id);
    const memberId = (await stub?.member(person.accountId))?.id ?? "";
    const options = {
      label: "",
      scopes: ["aimdb:read"],
      lifetimeMs: 60_000,
      memberId,
      createdBy: memberId,
    } as const;
    const made = await stub?.createAccessToken({ ...options, nowMs: Date.now() });
    await change(await signedIn(person));

    expect(await authenticate(made?.ok === true ? made.token : "", bindings)).toBeDefined();
  });

  test.each([
    ["eleven char", "The password needs 12 characters or more."],
    ["x".repeat(257), "The password may have 256 characters at most."],
  ])("refuses one of another length (case %#)", async (password, problem) => {
    const person = await createPerson();
    const answer = await change(await signedIn(person), PASSWORD, password);

    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(problem);
  });

  test("is in the log of each of the person's teams, with nothing about a password", async () => {
    const person = await createPerson();
    const [plant, lab] = [await createTeam("plant"), await createTeam("lab")];
    await addToTeam(person, plant.id, "viewer");
    await addToTeam(person, lab.id, "viewer");
    const browser = await signedIn(person);
    const { memberships = [] } = (await sessionOf(browser)) ?? {};

    await change(browser);

    for (const { teamId, memberId } of memberships) {
      const about = { principal: memberId, action: "password.change", target: memberId };
      expect(await passwordActionsOf(teamId)).toMatchObject([{ ...about, outcome: "done" }]);
      expect(await dumpOf("TEAM", teamId)).not.toContain("horse battery");
    }
    expect(memberships).toHaveLength(2);
  });

  test("that a team's log can't record does not happen", async () => {
    const person = await createPerson();
    const team = await createTeam();
    await addToTeam(person, team.id, "viewer");
    const browser = await signedIn(person);
    await inObject("TEAM", team.id, ({ storage: { sql } }) => {
      sql.exec("ALTER TABLE audit RENAME TO lost");
    });

    const answer = await change(browser);

    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("nothing was changed");
    expect(await statusOfSignIn(person, PASSWORD)).toBe(303);
  });
});

describe("signing out everywhere else", () => {
  test("ends every session but this one, which stays as it is", async () => {
    const [ada, bob] = [await createPerson("ada"), await createPerson("bob")];
    const [here, there] = [await signedIn(ada, 5), await signIn(ada)];
    const other = await signedIn(bob);

    const answer = await send(here, { action: "sign_out_elsewhere" });

    expect([answer.status, answer.headers.get("location")]).toEqual([
      303,
      "/account?done=sessions",
    ]);
    expect(await sessionOf(there)).toBeUndefined();
    expect((await sessionOf(here))?.provenAtMs).toBe(5);
    expect(await sessionOf(other)).toBeDefined();
  });
});

test.each([
  { action: "sign_out_elsewhere" },
  { action: "change_password", current: PASSWORD, password: NEW },
])("nothing of it is done by a foreign page, nor without the token: %j", async (fields) => {
  const person = await createPerson();
  const [here, there] = [await signedIn(person), await signedIn(person)];

  const answers = [
    await send(here, fields, EVIL),
    await send(here, { ...fields, csrf: "x" }),
    await here.post("/account", fields),
    await send(here, { ...fields, action: "nothing" }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  expect(await sessionOf(there)).toBeDefined();
  expect(await statusOfSignIn(person, PASSWORD)).toBe(303);
});
