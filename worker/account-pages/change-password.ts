/** A signed-in person changes their password, giving the current one. */
import { err, ok, type Result } from "#shared/result.ts";
import { accountOf } from "../account/stub.ts";
import { hashPassword } from "../auth/password.ts";
import type { Env } from "../env.ts";
import type { HttpError } from "../http/answer/error-response.ts";
import type { Session } from "../session/read-session.ts";
import { checkCredentials, type SignInRefusal } from "../sign-in/check-credentials.ts";
import { loggedInTeams } from "./logged-in-teams.ts";

interface Wish {
  readonly current: string;
  readonly password: string;
  /** Where from (worker/http/client-address.ts). */
  readonly network: string;
}

export type ChangeRefusal =
  | SignInRefusal
  | { readonly reason: "refused"; readonly error: HttpError };

/**
 * The new password as it is stored. A wrong guess counts as a failed sign-in, so a session left open can't be
 * used to guess more often.
 */
export async function changePassword(
  env: Pick<Env, "ACCOUNT" | "DIRECTORY" | "TEAM">,
  { accountId, email, memberships }: Session,
  { current, password, network }: Wish,
): Promise<Result<string, ChangeRefusal>> {
  const checked = await checkCredentials(env, { email, password: current, network });
  if (!checked.ok) return checked;
  const hashed = await hashPassword(password);
  if (!hashed.ok) return err({ reason: "busy" });
  const change = { was: checked.value.password, is: hashed.value };
  const about = { action: "password.change", memberships } as const;
  const changed = await loggedInTeams(env, about, async () => {
    const isChanged = (await accountOf(env, accountId)?.changePassword(change)) === true;
    return isChanged ? ok(hashed.value) : err(MEANWHILE);
  });
  return changed.ok ? changed : err({ reason: "refused", error: changed.error });
}

const MEANWHILE: HttpError = {
  status: 409,
  code: "changed_meanwhile",
  message: "Your password was changed elsewhere in the meantime.",
};
