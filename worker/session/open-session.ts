/** A session for a person who has just come in; the browser's old one ends. */
import { accountOf } from "../account/stub.ts";
import { hashSecret, randomSecret } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { noSessionCookie, readSessionCookie, sessionCookie } from "./session-cookie.ts";

type SessionEnv = Pick<Env, "ACCOUNT" | "PUBLIC_URL">;

export interface SignIn {
  readonly accountId: string;
  /** When the person showed who they are; null: nobody says. */
  readonly provenAtMs: number | null;
  /** As it was stored when it was checked, for who came in by it. */
  readonly password?: string;
}

/** The `Set-Cookie` of the new session. Its secret is made here: none that a browser brought is taken. */
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

/** For one whose rights change: another secret, and nobody has shown once more who they are. */
export async function renewSession(request: Request, env: SessionEnv): Promise<string> {
  const cookie = readSessionCookie(request.headers, env);
  if (cookie === undefined) return noSessionCookie(env);
  const { accountId, secret: old } = cookie;
  const secret = randomSecret();
  await accountOf(env, accountId)?.renewSession(await hashSecret(old), await hashSecret(secret));
  return sessionCookie({ accountId, secret }, env);
}

/** The `Set-Cookie` that takes the cookie away; the session itself ends first. */
export async function endSession(request: Request, env: SessionEnv): Promise<string> {
  const cookie = readSessionCookie(request.headers, env);
  if (cookie !== undefined) {
    await accountOf(env, cookie.accountId)?.endSession(await hashSecret(cookie.secret));
  }
  return noSessionCookie(env);
}

/** Of the same person, at other browsers. */
export async function endOtherSessions(request: Request, env: SessionEnv): Promise<void> {
  const cookie = readSessionCookie(request.headers, env);
  if (cookie === undefined) return;
  await accountOf(env, cookie.accountId)?.endOtherSessions(await hashSecret(cookie.secret));
}
