import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { createTeam } from "../support/team.ts";
import { Browser } from "../support/browser.ts";
import { addToTeam, createPerson, PASSWORD, sessionOf, signIn } from "../support/person.ts";

afterEach(() => reset());

describe("signing in", () => {
  test("opens a session that knows the person, their teams and roles", async () => {
    const [person, team] = [await createPerson("ada"), await createTeam("plant")];
    await addToTeam(person, team.id, "operator");

    const browser = await signIn(person);

    expect(await sessionOf(browser)).toMatchObject({
      accountId: person.accountId,
      email: person.email,
      displayName: "ada",
      csrfToken: expect.stringMatching(/^[0-9a-f]{64}$/),
      memberships: [{ teamId: team.id, teamName: "plant", role: "operator" }],
    });
  });

  test("goes on to a page of ours", async () => {
    const person = await createPerson();
    const answer = await new Browser().post("/login?next=%2Foauth%2Fauthorize%3Fa%3Db", {
      email: ` ${person.email.toUpperCase()} `,
      password: PASSWORD,
    });

    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/oauth/authorize?a=b"]);
  });

  test("ends with signing out", async () => {
    const browser = await signIn(await createPerson());
    const csrf = (await sessionOf(browser))?.csrfToken ?? "";
    const cookie = browser.cookie("session") ?? "";

    const answer = await browser.post("/logout", { csrf });
    browser.setCookie("session", cookie);

    expect(answer.headers.get("location")).toBe("/login");
    expect(await sessionOf(browser)).toBeUndefined();
  });
});
