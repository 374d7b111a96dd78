import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { SESSION_IDLE_MS, SESSION_LIFETIME_MS } from "../../../worker/account/account-object.ts";
import { accountOf } from "../../../worker/account/stub.ts";
import { hashSecret, randomSecret } from "../../../worker/auth/secret.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { Browser } from "../support/browser.ts";
import { dumpOf, inObject, newObjectId, objectIds, tablesOf } from "../support/objects.ts";
import { addToTeam, createPerson, sessionOf, signIn } from "../support/person.ts";
import { createTeam } from "../support/team.ts";
import { bindings } from "../support/worker.ts";

afterEach(() => reset());

function withCookie(value: string): Browser {
  const browser = new Browser();
  browser.setCookie("session", value);
  return browser;
}

/** As if the browser had signed in, and been used, so long ago. */
async function age(accountId: string, column: "signed_in_at" | "used_at", byMs: number) {
  await inObject("ACCOUNT", accountId, ({ storage: { sql } }) => {
    sql.exec(`UPDATE session SET ${column} = ${column} - ?`, byMs);
  });
}

describe("a session", () => {
  test.each([
    { bound: "idle", column: "used_at", limitMs: SESSION_IDLE_MS },
    { bound: "lifetime", column: "signed_in_at", limitMs: SESSION_LIFETIME_MS },
  ] as const)("lasts to its $bound bound and no longer", async ({ column, limitMs }) => {
    const person = await createPerson();
    const browser = await signIn(person);

    await age(person.accountId, column, limitMs - 60_000);
    expect(await sessionOf(browser)).toBeDefined();
    await age(person.accountId, column, limitMs);
    expect(await sessionOf(browser)).toBeUndefined();
  });

  test("is kept by use beyond its idle limit", async () => {
    const person = await createPerson();
    const browser = await signIn(person);

    for (let i = 0; i < 3; i += 1) {
      await age(person.accountId, "used_at", SESSION_IDLE_MS - 60_000);
      expect(await sessionOf(browser)).toBeDefined();
    }
  });

  test("is nowhere in storage as text", async () => {
    const person = await createPerson();
    const browser = await signIn(person);
    const [, secret = ""] = (browser.cookie("session") ?? "").split(".");

    const dump = await dumpOf("ACCOUNT", person.accountId);

    expect(secret).toHaveLength(43);
    expect(dump).toContain(await hashSecret(secret));
    expect(dump).not.toContain(secret);
  });

  test("shows the teams as they are now", async () => {
    const [person, team] = [await createPerson(), await createTeam("plant")];
    await addToTeam(person, team.id, "viewer");
    const browser = await signIn(person);
    const [membership] = (await sessionOf(browser))?.memberships ?? [];
    const owner = await createPerson("owner");
    await addToTeam(owner, team.id, "owner");

    await teamOf(bindings, team.id)?.removeMember(membership?.memberId ?? "");

    expect((await sessionOf(browser))?.memberships).toEqual([]);
  });

  test("ends when the person's role changes", async () => {
    const [person, team] = [await createPerson(), await createTeam("plant")];
    await addToTeam(person, team.id, "viewer");
    const browser = await signIn(person);
    const [membership] = (await sessionOf(browser))?.memberships ?? [];

    await teamOf(bindings, team.id)?.setRole(membership?.memberId ?? "", "operator");

    expect(await sessionOf(browser)).toBeUndefined();
    expect((await sessionOf(await signIn(person)))?.memberships[0]?.role).toBe("operator");
  });

  test("of a person is one of twenty at most: the oldest ends", async () => {
    const person = await createPerson();
    const first = await signIn(person);
    const account = accountOf(bindings, person.accountId);
    for (let i = 0; i < 20; i += 1) {
      const hash = await hashSecret(randomSecret());
      await account?.openSession({ hash, nowMs: Date.now() + 1, provenAtMs: null });
    }

    expect(await sessionOf(first)).toBeUndefined();
  });
});

describe("a cookie that was made up", () => {
  test("gives no access with another person's account id", async () => {
    const [ada, bob] = [await createPerson("ada"), await createPerson("bob")];
    const [, secret = ""] = ((await signIn(ada)).cookie("session") ?? "").split(".");

    expect(await sessionOf(withCookie(`${bob.accountId}.${secret}`))).toBeUndefined();
  });

  test("creates no object with an invented id", async () => {
    const before = await objectIds("ACCOUNT");
    const team = await createTeam();

    for (const id of ["ab".repeat(32), team.id]) {
      expect(await sessionOf(withCookie(`${id}.${randomSecret()}`))).toBeUndefined();
    }
    expect(await objectIds("ACCOUNT")).toEqual(before);
  });

  test("stores nothing under an id where nobody is", async () => {
    const id = newObjectId("ACCOUNT");

    expect(await sessionOf(withCookie(`${id}.${randomSecret()}`))).toBeUndefined();
    expect(await tablesOf("ACCOUNT", id)).toEqual([]);
  });
});
