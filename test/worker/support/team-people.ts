/** People of a team, each signed in at a browser of their own. */
import type { Role } from "../../../worker/access/role.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import type { Browser } from "./browser.ts";
import { addToTeam, createPerson, sessionOf, signedIn } from "./person.ts";
import { createTeam } from "./team.ts";
import { bindings } from "./worker.ts";

export async function member(teamId: string, role: Role, name: string) {
  const person = await createPerson(name);
  await addToTeam(person, teamId, role);
  const found = await teamOf(bindings, teamId)?.member(person.accountId);
  return { browser: await signedIn(person), id: found?.id ?? "", person };
}

export async function teamWith(role: Role) {
  const team = await createTeam("plant");
  const owner = await member(team.id, "owner", "owner");
  const person = role === "owner" ? owner : await member(team.id, role, role);
  const stub = teamOf(bindings, team.id);
  if (stub === undefined) throw new Error("The team has no object");
  return { team, stub, owner, ...person };
}

/** With the session's own token. */
export async function send(
  browser: Browser,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const csrf = (await sessionOf(browser))?.csrfToken ?? "";
  return browser.post(path, { csrf, ...fields }, headers);
}

export async function textAt(browser: Browser, path: string): Promise<string> {
  return (await browser.get(path)).text();
}
