/** What of an account changes together, and what a change that comes too late leaves alone. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { accountOf } from "../../../worker/account/stub.ts";
import { newObjectId, tablesOf } from "../support/objects.ts";
import { createPerson } from "../support/person.ts";
import { bindings } from "../support/worker.ts";

afterEach(() => reset());

function stubOf(accountId: string) {
  const account = accountOf(bindings, accountId);
  if (account === undefined) throw new Error("The account has no object");
  return account;
}

async function created() {
  const account = stubOf((await createPerson()).accountId);
  const stored = (await account.password()) ?? "";
  const open = (hash: string, password?: string) =>
    account.openSession({ hash, nowMs: 1, provenAtMs: null, password });
  const isOpen = async (hash: string) => (await account.session(hash, 2)) !== null;
  return { account, stored, open, isOpen };
}

describe("a new password", () => {
  test("ends every session, and the link that was open", async () => {
    const { account, stored, open, isOpen } = await created();
    await open("one");
    await open("two");
    await account.writePasswordLink({ hash: "link", expiresAtMs: 100 });

    expect(await account.changePassword({ was: stored, is: "new" })).toBe(true);

    expect([await isOpen("one"), await isOpen("two")]).toEqual([false, false]);
    expect(await account.hasPasswordLink("link", 1)).toBe(false);
    expect(await account.password()).toBe("new");
  });

  test("replaces only the one that was checked", async () => {
    const { account, stored } = await created();

    expect(await account.changePassword({ was: "an older one", is: "new" })).toBe(false);
    await account.rehashPassword({ was: "an older one", is: "the older one, dearer" });

    expect(await account.password()).toBe(stored);
  });

  test("admits nobody whose password was checked before it", async () => {
    const { account, stored, open, isOpen } = await created();
    await account.changePassword({ was: stored, is: "new" });

    await open("late", stored);
    await open("in time", "new");

    expect([await isOpen("late"), await isOpen("in time")]).toEqual([false, true]);
  });
});

test("the same password at another cost ends no session", async () => {
  const { account, stored, open, isOpen } = await created();
  await open("one");
  await account.rehashPassword({ was: stored, is: "dearer" });

  expect(await isOpen("one")).toBe(true);
  expect(await account.password()).toBe("dearer");
});

test("all sessions but one end", async () => {
  const { account, open, isOpen } = await created();
  for (const hash of ["one", "two", "three"]) await open(hash);
  await account.endOtherSessions("two");

  expect([await isOpen("one"), await isOpen("two"), await isOpen("three")]).toEqual([
    false,
    true,
    false,
  ]);
});

describe("a link to choose a password", () => {
  test("is valid until it expires, once", async () => {
    const { account } = await created();
    await account.writePasswordLink({ hash: "link", expiresAtMs: 100 });
    const use = { hash: "link", password: "new", nowMs: 99 };

    expect(await account.hasPasswordLink("link", 100)).toBe(false);
    expect(await account.usePasswordLink({ ...use, nowMs: 100 })).toBe(false);
    expect(await account.usePasswordLink({ ...use, hash: "another" })).toBe(false);
    expect(await account.usePasswordLink(use)).toBe(true);
    expect(await account.usePasswordLink(use)).toBe(false);
  });

  test("is void when there is a newer one", async () => {
    const { account } = await created();
    await account.writePasswordLink({ hash: "old", expiresAtMs: 100 });
    await account.writePasswordLink({ hash: "new", expiresAtMs: 50 });

    expect(await account.hasPasswordLink("old", 1)).toBe(false);
    expect(await account.hasPasswordLink("new", 1)).toBe(true);
  });

  test("of no account leaves nothing behind", async () => {
    const id = newObjectId("ACCOUNT");
    const account = stubOf(id);
    await account.writePasswordLink({ hash: "link", expiresAtMs: 100 });

    expect(await account.hasPasswordLink("link", 1)).toBe(false);
    expect(await account.usePasswordLink({ hash: "link", password: "x", nowMs: 1 })).toBe(false);
    expect(await account.changePassword({ was: "x", is: "y" })).toBe(false);
    expect(await account.person()).toBeNull();
    expect(await tablesOf("ACCOUNT", id)).toEqual([]);
  });
});
