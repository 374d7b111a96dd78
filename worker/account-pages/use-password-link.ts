/** The link with which a person who forgot their password chooses a new one: looked up, and used once. */
import { err, ok, type Result } from "#shared/result.ts";
import { accountOf } from "../account/stub.ts";
import { hashPassword } from "../auth/password.ts";
import { accountIdOf, hashSecret } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import type { HttpError } from "../http/answer/error-response.ts";
import { readMemberships } from "../session/memberships.ts";
import { loggedInTeams } from "./logged-in-teams.ts";

export interface PasswordLink {
  readonly accountId: string;
  readonly hash: string;
  readonly email: string;
  readonly teams: readonly string[];
}

/** Undefined for a link that is unknown, expired, used or replaced, so that they can't be told apart. */
export async function findPasswordLink(
  env: Pick<Env, "ACCOUNT">,
  token: string,
): Promise<PasswordLink | undefined> {
  const accountId = accountIdOf(token);
  const account = accountId === undefined ? undefined : accountOf(env, accountId);
  if (accountId === undefined || account === undefined) return undefined;
  const hash = await hashSecret(token);
  if (!(await account.hasPasswordLink(hash, Date.now()))) return undefined;
  const person = await account.person();
  if (person === null) return undefined;
  const { email, teams } = person;
  return { accountId, hash, email, teams };
}

/** The new password as it is stored. */
export async function usePasswordLink(
  env: Pick<Env, "ACCOUNT" | "TEAM">,
  { accountId, hash, teams }: PasswordLink,
  password: string,
): Promise<Result<string, HttpError>> {
  const hashed = await hashPassword(password);
  if (!hashed.ok) return err(BUSY);
  const memberships = await readMemberships(env, { accountId, teams });
  return loggedInTeams(env, { action: "password_link.use", memberships }, async () => {
    const use = { hash, password: hashed.value, nowMs: Date.now() };
    const isUsed = (await accountOf(env, accountId)?.usePasswordLink(use)) === true;
    return isUsed ? ok(hashed.value) : err(OVER);
  });
}

const BUSY: HttpError = {
  status: 503,
  code: "busy",
  message: "Many people are signing in right now. Try again in a moment.",
};
const OVER: HttpError = { status: 404, code: "not_found", message: "This link is not valid." };
