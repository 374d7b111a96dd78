/** Opens a session for a person who has just signed in; the browser's old one ends. */
import { accountOf } from "../account/stub.ts";
import { hashSecret, randomSecret } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { noSessionCookie, readSessionCookie, sessionCookie } from "./session-cookie.ts";

type SessionEnv = Pick<Env, "ACCOUNT" | "PUBLIC_URL">;

export interface SignIn {
  readonly accountId: string;
  /** When the person proved who they are; null if nothing says so. */
  readonly provenAtMs: number | null;
  /** The stored hash at the time of the check, for a sign-in by password. */
  readonly password?: string;
}

/** The `Set-Cookie` of the new session. Its secret is made here; none that a browser sent is accepted. */
export async function openSession(
  request: Request,
  env: SessionEnv,
  { accountId, provenAtMs, password }: SignIn,
): Promise<string> {
  await endSession(request, env);
  const secret = randomSecret();
  const hash = await hashSecret(secret);
  await accountOf(env, accountId)?.openSession({ hash, nowMs: Date.now(), provenAtMs, password });
  return sessionCookie({ accountId, secret }, env);
}

/** For a person whose rights change: a new secret, without a new proof of who they are. */
export async function renewSession(request: Request, env: SessionEnv): Promise<string> {
  const cookie = readSessionCookie(request.headers, env);
  if (cookie === undefined) return noSessionCookie(env);
  const { accountId, secret: old } = cookie;
  const secret = randomSecret();
  await accountOf(env, accountId)?.renewSession(await hashSecret(old), await hashSecret(secret));
  return sessionCookie({ accountId, secret }, env);
}

/** The `Set-Cookie` that removes the cookie; the session itself ends first. */
export async function endSession(request: Request, env: SessionEnv): Promise<string> {
  const cookie = readSessionCookie(request.headers, env);
  if (cookie !== undefined) {
    await accountOf(env, cookie.accountId)?.endSession(await hashSecret(cookie.secret));
  }
  return noSessionCookie(env);
}

/** The same person's sessions in other browsers. */
export async function endOtherSessions(request: Request, env: SessionEnv): Promise<void> {
  const cookie = readSessionCookie(request.headers, env);
  if (cookie === undefined) return;
  await accountOf(env, cookie.accountId)?.endOtherSessions(await hashSecret(cookie.secret));
}
