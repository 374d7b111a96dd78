/** Checks e-mail and password. Unknown addresses and wrong passwords take the same steps and the same time. */
import { err, ok, type Result } from "#shared/result.ts";
import { accountOf } from "../account/stub.ts";
import { checkPassword, hashPassword } from "../auth/password.ts";
import type { Tried } from "../directory/rpc.ts";
import { directoryOf } from "../directory/stub.ts";
import type { Env } from "../env.ts";

export type SignInRefusal =
  | { readonly reason: "wrong" }
  | { readonly reason: "later"; readonly retryAfterMs: number }
  | { readonly reason: "busy" };

export interface Checked {
  readonly accountId: string;
  /** As it is stored. */
  readonly password: string;
}

export async function checkCredentials(
  env: Pick<Env, "ACCOUNT" | "DIRECTORY">,
  { password, ...tried }: Tried & { readonly password: string },
): Promise<Result<Checked, SignInRefusal>> {
  const attempt = await directoryOf(env).beginAttempt(tried, Date.now());
  if (!attempt.ok) return err({ reason: "later", retryAfterMs: attempt.retryAfterMs });
  const { accountId } = attempt;
  const account = accountOf(env, accountId);
  const stored = (await account?.password()) ?? null;
  const checked = await checkPassword(password, stored);
  if (!checked.ok) return err({ reason: "busy" });
  if (!checked.value.matches || stored === null) return err({ reason: "wrong" });
  await directoryOf(env).endAttempt(tried);
  if (!checked.value.isOutdated) return ok({ accountId, password: stored });
  return ok({ accountId, password: await rehash(password, stored, account) });
}

/** The cost has been raised since; if it is too busy now, the next sign-in does it. */
async function rehash(
  password: string,
  was: string,
  account: ReturnType<typeof accountOf>,
): Promise<string> {
  const hashed = await hashPassword(password);
  if (!hashed.ok) return was;
  await account?.rehashPassword({ was, is: hashed.value });
  return hashed.value;
}
