/** People with accounts, made as accepting an invitation makes them. */
import { accountOf } from "../../../worker/account/stub.ts";
import type { Role } from "../../../worker/access/role.ts";
import { hashPassword } from "../../../worker/auth/password.ts";
import { directoryOf } from "../../../worker/directory/stub.ts";
import { openSession } from "../../../worker/session/open-session.ts";
import { readSession, type Session } from "../../../worker/session/read-session.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { Browser } from "./browser.ts";
import { bindings, ORIGIN } from "./worker.ts";

export const PASSWORD = "correct horse battery";

export interface TestPerson {
  readonly accountId: string;
  readonly email: string;
}

let count = 0;

/** Once for all: a hash takes a tenth of a second. */
let passwordHash: string | undefined;

async function hashOfPassword(): Promise<string> {
  if (passwordHash !== undefined) return passwordHash;
  const hashed = await hashPassword(PASSWORD);
  if (!hashed.ok) throw new Error("busy");
  passwordHash = hashed.value;
  return passwordHash;
}

export async function createPerson(name = "ada"): Promise<TestPerson> {
  const email = `${name}-${(count += 1)}@example.com`;
  const created = await directoryOf(bindings).createAccount({
    email,
    displayName: name,
    password: await hashOfPassword(),
    identity: null,
    nowMs: Date.now(),
  });
  if (!created.ok) throw new Error(created.reason);
  return { accountId: created.accountId, email };
}

export async function addToTeam(person: TestPerson, team: string, role: Role): Promise<void> {
  const { accountId, email } = person;
  const nowMs = Date.now();
  await teamOf(bindings, team)?.addMember({ accountId, email, displayName: email, role, nowMs });
  await accountOf(bindings, accountId)?.join(team, nowMs);
}

export async function signIn(person: TestPerson, browser = new Browser()): Promise<Browser> {
  const response = await browser.post("/login", { email: person.email, password: PASSWORD });
  if (response.status !== 303) throw new Error(`Sign-in answered ${response.status}`);
  return browser;
}

/** Signed in without the hash of a password. */
export async function signedIn(
  { accountId }: TestPerson,
  provenAtMs: number | null = Date.now(),
): Promise<Browser> {
  const browser = new Browser();
  const cookie = await openSession(new Request(ORIGIN), bindings, { accountId, provenAtMs });
  browser.setCookie("session", /^session=([^;]+)/.exec(cookie)?.[1] ?? "");
  return browser;
}

export function sessionOf(browser: Browser): Promise<Session | undefined> {
  const cookie = `session=${browser.cookie("session")}`;
  return readSession(new Request(ORIGIN, { headers: { cookie } }), bindings);
}
