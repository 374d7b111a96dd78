import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { createSecret, hashSecret } from "../../../worker/auth/secret.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { Browser } from "../support/browser.ts";
import { dumpOf, inObject, newObjectId, objectIds, tablesOf } from "../support/objects.ts";
import {
  addToTeam,
  createPerson,
  PASSWORD,
  sessionOf,
  signedIn,
  signIn,
  type TestPerson,
} from "../support/person.ts";
import { createTeam, type TestTeam } from "../support/team.ts";
import { bindings, postApi } from "../support/worker.ts";

afterEach(() => reset());

const ADA = { name: "Ada L.", email: "ada@example.com", password: PASSWORD };

async function invite(team: TestTeam, options: object = {}): Promise<string> {
  const response = await postApi("invitations", { team: team.id, ...options });
  return new URL((await response.json<{ url: string }>()).url).pathname;
}

async function ownerLink(team: TestTeam): Promise<{ status: number; path: string }> {
  const response = await postApi("owner-link", { team: team.id });
  const { url = "http://localhost/none" } = await response.json<{ url?: string }>();
  return { status: response.status, path: new URL(url).pathname };
}

async function membersOf(team: TestTeam): Promise<string[]> {
  const members = (await teamOf(bindings, team.id)?.members()) ?? [];
  return members.map(({ email, role }) => `${email} ${role}`);
}

function sessionTimes({ accountId }: TestPerson): Promise<unknown[]> {
  return inObject("ACCOUNT", accountId, ({ storage: { sql } }) =>
    sql.exec("SELECT signed_in_at, proven_at FROM session").toArray(),
  );
}

describe("an invitation", () => {
  test("shows the team and what the role may do, and changes nothing by being opened", async () => {
    const team = await createTeam("plant");
    const path = await invite(team, { role: "operator" });
    const answers = [await new Browser().get(path), await new Browser().get(path)];
    const page = (await answers[1]?.text()) ?? "";

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(page).toContain("Join plant");
    expect(page).toContain("read and write records, and look after devices");
    expect(await membersOf(team)).toEqual([]);
  });

  test("makes an account and its person a member, signed in", async () => {
    const team = await createTeam("plant");
    const browser = new Browser();
    const answer = await browser.post(await invite(team, { role: "operator" }), ADA);

    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/"]);
    expect(await sessionOf(browser)).toMatchObject({
      displayName: "Ada L.",
      memberships: [{ teamName: "plant", role: "operator" }],
    });
  });

  test("works once: a second person with the link learns no more than a stranger", async () => {
    const team = await createTeam();
    const path = await invite(team);
    await new Browser().post(path, ADA);
    const unknown = `/invite/${createSecret("invite", team.id)}`;
    const textOf = async (answer: Response) => (await answer.text()).replaceAll(/nonce="\w+"/g, "");

    const replayed = await new Browser().post(path, { ...ADA, email: "eve@example.com" });
    const looked = await new Browser().get(path);
    const stranger = await new Browser().get(unknown);

    expect([replayed.status, looked.status]).toEqual([404, 404]);
    expect(await textOf(looked)).toBe(await textOf(stranger));
    expect(await membersOf(team)).toEqual(["ada@example.com viewer"]);
  });

  test("lets one in of several who accept it at once, and leaves no account of the others", async () => {
    const team = await createTeam();
    const path = await invite(team);
    const people = Array.from({ length: 4 }, (_, i) => ({ ...ADA, email: `p${i}@example.com` }));
    const answers = await Promise.all(people.map((person) => new Browser().post(path, person)));
    const signIns = await Promise.all(
      people.map(({ email }) => new Browser().post("/login", { email, password: PASSWORD })),
    );

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      303, 404, 404, 404,
    ]);
    expect(await membersOf(team)).toHaveLength(1);
    expect(signIns.filter(({ status }) => status === 303)).toHaveLength(1);
  });

  test("ends when it expires, and when it is revoked", async () => {
    const team = await createTeam();
    const [expired, revoked] = [await invite(team), await invite(team)];
    const hash = await hashSecret(expired.replace("/invite/", ""));
    await inObject("TEAM", team.id, ({ storage: { sql } }) => {
      sql.exec("UPDATE invitation SET expires_at = ? WHERE hash = ?", Date.now(), hash);
    });
    const [open] = (await teamOf(bindings, team.id)?.invitations(Date.now())) ?? [];
    await teamOf(bindings, team.id)?.revokeInvitation(open?.id ?? "");

    for (const path of [expired, revoked]) {
      expect((await new Browser().post(path, ADA)).status).toBe(404);
    }
  });

  test("stays open if the form is not acceptable", async () => {
    const team = await createTeam();
    const path = await invite(team, { email: "ada@example.com" });
    const wrong = [
      { ...ADA, password: "short" },
      { ...ADA, name: " " },
      { ...ADA, name: "a\u202eb" },
      { ...ADA, name: "\u3164" },
      { ...ADA, name: "a\ufe01" },
      { ...ADA, email: "ada\u202e@example.com" },
      { ...ADA, email: "not an address" },
      { ...ADA, email: "eve@example.com" },
      {},
    ];
    const statuses = [];
    for (const fields of wrong) {
      statuses.push((await new Browser().post(path, fields)).status);
    }

    expect(statuses).toEqual([400, 400, 400, 400, 400, 400, 400, 409, 400]);
    expect((await new Browser().post(path, ADA)).status).toBe(303);
  });

  test("puts the cursor into the field that is not acceptable, and keeps the others", async () => {
    const path = await invite(await createTeam(), { email: "ada@example.com" });
    const focused = async (fields: Record<string, string>) =>
      /<input[^>]*name="(\w+)"[^>]*autofocus/.exec(
        await (await new Browser().post(path, fields)).text(),
      )?.[1];

    expect(await focused({ ...ADA, password: "short" })).toBe("password");
    expect(await focused({ ...ADA, email: "eve@example.com" })).toBe("email");
    expect(await focused({})).toBe("name");
  });

  test("does not take an account over: its person signs in and joins", async () => {
    const team = await createTeam("plant");
    const person = await createPerson("ada");
    const path = await invite(team);
    const taken = await new Browser().post(path, { ...ADA, email: person.email });
    const browser = await signIn(person);
    const csrf = (await sessionOf(browser))?.csrfToken ?? "";
    const before = browser.cookie("session");
    const joined = await browser.post(path, { csrf });

    expect(taken.status).toBe(409);
    expect(joined.status).toBe(303);
    expect(browser.cookie("session")).not.toBe(before);
    expect(await sessionOf(browser)).toMatchObject({ memberships: [{ teamName: "plant" }] });
  });

  test("that a signed-in person accepts is no sign-in", async () => {
    const [team, person] = [await createTeam(), await createPerson("ada")];
    const browser = await signedIn(person);
    await inObject("ACCOUNT", person.accountId, ({ storage: { sql } }) => {
      sql.exec("UPDATE session SET signed_in_at = signed_in_at - 2000, proven_at = 1");
    });
    const before = await sessionTimes(person);
    const csrf = (await sessionOf(browser))?.csrfToken ?? "";

    expect((await browser.post(await invite(team), { csrf })).status).toBe(303);
    expect((await sessionOf(browser))?.provenAtMs).toBe(1);
    expect(await sessionTimes(person)).toEqual(before);
  });

  test("for another address can't be accepted by a signed-in person", async () => {
    const team = await createTeam();
    const browser = await signIn(await createPerson("eve"));
    const csrf = (await sessionOf(browser))?.csrfToken ?? "";

    expect((await browser.post(await invite(team, { email: ADA.email }), { csrf })).status).toBe(
      409,
    );
    expect((await sessionOf(browser))?.memberships).toEqual([]);
  });

  test("does not change a member's role", async () => {
    const [team, person] = [await createTeam(), await createPerson("ada")];
    await addToTeam(person, team.id, "viewer");
    const browser = await signIn(person);
    const csrf = (await sessionOf(browser))?.csrfToken ?? "";
    await browser.post(await invite(team, { role: "owner" }), { csrf });

    expect(await membersOf(team)).toEqual([`${person.email} viewer`]);
  });

  test("is not accepted by a foreign page, nor without the session's token", async () => {
    const team = await createTeam();
    const path = await invite(team);
    const evil = { origin: "https://evil.example" };
    const browser = await signIn(await createPerson("ada"));
    const csrf = (await sessionOf(browser))?.csrfToken ?? "";

    expect((await new Browser().post(path, ADA, evil)).status).toBe(403);
    expect((await browser.post(path, { csrf }, evil)).status).toBe(403);
    expect((await browser.post(path, { csrf: "x" })).status).toBe(403);
    expect(await membersOf(team)).toEqual([]);
  });

  test("is nowhere in storage as text, nor is the password", async () => {
    const team = await createTeam();
    const path = await invite(team);
    const dump = await dumpOf("TEAM", team.id);
    const browser = new Browser();
    await browser.post(path, ADA);
    const { accountId = "" } = (await sessionOf(browser)) ?? {};

    expect(dump).not.toContain(path.split("_").slice(3).join("_"));
    expect(await dumpOf("ACCOUNT", accountId)).not.toContain(PASSWORD);
    expect(await dumpOf("ACCOUNT", accountId)).toContain("scrypt$");
  });

  test("that was made up creates no object and stores nothing", async () => {
    const before = await objectIds("TEAM");
    const nobody = newObjectId("TEAM");
    const tokens = [createSecret("invite", "ab".repeat(32)), createSecret("invite", nobody), "x"];

    for (const token of tokens) {
      expect((await new Browser().get(`/invite/${token}`)).status).toBe(404);
    }
    expect(await tablesOf("TEAM", nobody)).toEqual([]);
    expect((await objectIds("TEAM")).filter((id) => id !== nobody)).toEqual(before);
  });

  test("can be tried ten times a minute from one address", async () => {
    const team = await createTeam();
    const browser = new Browser();
    const statuses = [];
    for (let i = 0; i < 11; i += 1) {
      const path = `/invite/${createSecret("invite", team.id)}`;
      statuses.push((await browser.post(path, ADA)).status);
    }

    expect(statuses.at(9)).toBe(404);
    expect(statuses.at(10)).toBe(429);
  });
});

describe("the owner link", () => {
  test("makes its reader the first owner, once", async () => {
    const team = await createTeam();
    const { path } = await ownerLink(team);
    const first = await new Browser().post(path, ADA);
    const replayed = await new Browser().post(path, { ...ADA, email: "eve@example.com" });

    expect([first.status, replayed.status]).toEqual([303, 404]);
    expect(await membersOf(team)).toEqual(["ada@example.com owner"]);
  });

  test("is valid only while there is no owner, whoever became it", async () => {
    const team = await createTeam();
    const { path } = await ownerLink(team);
    await addToTeam(await createPerson("first"), team.id, "owner");

    expect((await new Browser().get(path)).status).toBe(404);
    expect((await new Browser().post(path, ADA)).status).toBe(404);
    expect((await ownerLink(team)).status).toBe(409);
  });

  test("replaces the previous one", async () => {
    const team = await createTeam();
    const [old, newer] = [await ownerLink(team), await ownerLink(team)];

    const ended = await new Browser().get(old.path);
    expect(ended.status).toBe(404);
    expect(await ended.text()).toContain("a newer one took its place");
    expect((await new Browser().get(newer.path)).status).toBe(200);
  });

  test("lasts a day", async () => {
    const team = await createTeam();
    const response = await postApi("owner-link", { team: team.id });
    const { expires_at } = await response.json<{ expires_at: string }>();

    expect(Math.abs(Date.parse(expires_at) - Date.now() - 24 * 3_600_000)).toBeLessThan(60_000);
  });
});
