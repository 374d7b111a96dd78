import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { createSecret } from "../../../worker/auth/secret.ts";
import { Browser } from "../support/browser.ts";
import { dumpOf, inObject, newObjectId, objectIds, tablesOf } from "../support/objects.ts";
import {
  addToTeam,
  createPerson,
  PASSWORD,
  sessionOf,
  signedIn,
  type TestPerson,
} from "../support/person.ts";
import { createTeam } from "../support/team.ts";
import { passwordActionsOf } from "../support/team-log.ts";
import { postApi } from "../support/worker.ts";

afterEach(() => reset());

const NEW = { password: "another horse battery" };

async function linkFor({ email }: TestPerson): Promise<string> {
  const response = await postApi("password-links", { email });
  return new URL((await response.json<{ url: string }>()).url).pathname;
}

async function statusOfSignIn({ email }: TestPerson, password: string): Promise<number> {
  return (await new Browser().post("/login", { email, password })).status;
}

async function textOf(answer: Response): Promise<string> {
  return (await answer.text()).replaceAll(/nonce="\w+"/g, "");
}

describe("a password link", () => {
  test("shows whose it is, and changes nothing by being opened", async () => {
    const person = await createPerson();
    const path = await linkFor(person);
    const answers = [await new Browser().get(path), await new Browser().get(path)];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await answers[1]?.text()).toContain(`value="${person.email}"`);
    expect(await statusOfSignIn(person, PASSWORD)).toBe(303);
  });

  test("lets its person choose a password and sign in; all other sessions end", async () => {
    const person = await createPerson();
    const there = await signedIn(person);
    const browser = new Browser();

    const answer = await browser.post(await linkFor(person), NEW);

    expect([answer.status, answer.headers.get("location")]).toEqual([
      303,
      "/account?done=password",
    ]);
    expect((await sessionOf(browser))?.accountId).toBe(person.accountId);
    expect(await sessionOf(there)).toBeUndefined();
    expect(await statusOfSignIn(person, PASSWORD)).toBe(401);
    expect(await statusOfSignIn(person, NEW.password)).toBe(303);
  });

  test("works once, also for several at once", async () => {
    const path = await linkFor(await createPerson());
    const answers = await Promise.all([1, 2, 3].map(() => new Browser().post(path, NEW)));

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 404, 404]);
    expect((await new Browser().get(path)).status).toBe(404);
  });

  test("is void once there is a newer one, or the password has changed", async () => {
    const person = await createPerson();
    const [old, newer] = [await linkFor(person), await linkFor(person)];
    const browser = await signedIn(person);
    const csrf = (await sessionOf(browser))?.csrfToken ?? "";

    const replaced = await new Browser().get(old);
    const open = await new Browser().get(newer);
    const change = { action: "change_password", current: PASSWORD, ...NEW };
    await browser.post("/account", { csrf, ...change });
    const late = await new Browser().post(newer, { password: "the thief's own words" });

    expect([replaced.status, open.status, late.status]).toEqual([404, 200, 404]);
    expect(await statusOfSignIn(person, NEW.password)).toBe(303);
  });

  test("ends after its hour", async () => {
    const person = await createPerson();
    const path = await linkFor(person);
    await inObject("ACCOUNT", person.accountId, ({ storage: { sql } }) => {
      sql.exec("UPDATE password_link SET expires_at = ?", Date.now());
    });

    expect((await new Browser().get(path)).status).toBe(404);
    expect((await new Browser().post(path, NEW)).status).toBe(404);
  });

  test("that is made up reveals no more than a used one, and creates no object", async () => {
    const person = await createPerson();
    const path = await linkFor(person);
    await new Browser().post(path, NEW);
    const before = await objectIds("ACCOUNT");
    const nobody = newObjectId("ACCOUNT");
    const used = await textOf(await new Browser().get(path));
    const tokens = [
      createSecret("password", person.accountId),
      createSecret("password", "ab".repeat(32)),
      createSecret("password", nobody),
      createSecret("invite", person.accountId),
      "x",
    ];

    for (const token of tokens) {
      const looked = await new Browser().get(`/password/${token}`);
      expect([looked.status, await textOf(looked)]).toEqual([404, used]);
      expect((await new Browser().post(`/password/${token}`, NEW)).status).toBe(404);
    }
    expect(await tablesOf("ACCOUNT", nobody)).toEqual([]);
    expect((await objectIds("ACCOUNT")).filter((id) => id !== nobody)).toEqual(before);
  });

  test("stays open if the password is not acceptable, or a foreign page posts", async () => {
    const path = await linkFor(await createPerson());
    const browser = new Browser();
    const answers = [
      await browser.post(path, { password: "too short" }),
      await browser.post(path, { password: "x".repeat(257) }),
      await browser.post(path, {}),
      await browser.post(path, NEW, { origin: "https://evil.example" }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 403, 403]);
    expect((await browser.post(path, NEW)).status).toBe(303);
  });

  test("opens a new session, not one that the browser brought", async () => {
    const [ada, mallory] = [await createPerson("ada"), await createPerson("mallory")];
    const browser = await signedIn(mallory);
    const planted = new Browser();
    planted.setCookie("session", browser.cookie("session") ?? "");

    await browser.post(await linkFor(ada), NEW);

    expect((await sessionOf(browser))?.accountId).toBe(ada.accountId);
    expect(await sessionOf(planted)).toBeUndefined();
  });

  test("is kept as a hash", async () => {
    const person = await createPerson();
    const path = await linkFor(person);
    const secret = path.slice(path.lastIndexOf("_") + 1);

    expect(await dumpOf("ACCOUNT", person.accountId)).not.toContain(secret);
  });

  test("is in the log of each of the person's teams: who made it, and that it was used", async () => {
    const person = await createPerson();
    const [plant, lab] = [await createTeam("plant"), await createTeam("lab")];
    await addToTeam(person, plant.id, "owner");
    await addToTeam(person, lab.id, "viewer");
    const browser = new Browser();

    await browser.post(await linkFor(person), NEW);
    const { memberships = [] } = (await sessionOf(browser)) ?? {};

    for (const { teamId, memberId } of memberships) {
      const about = { target: memberId, outcome: "done" };
      expect(await passwordActionsOf(teamId)).toMatchObject([
        { ...about, principal: "operator", action: "password_link.create" },
        { ...about, principal: memberId, action: "password_link.use" },
      ]);
    }
    expect(memberships).toHaveLength(2);
  });
});
