/** A new session for a person who has just proven who they are; the browser's old one ends. */
import { accountOf } from "../account/stub.ts";
import { hashSecret, randomSecret } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { noSessionCookie, readSessionCookie, sessionCookie } from "./session-cookie.ts";

/** The `Set-Cookie` of the new session. Its secret is made here: none that a browser brought is taken. */
export async function openSession(
  request: Request,
  env: Pick<Env, "ACCOUNT" | "PUBLIC_URL">,
  accountId: string,
): Promise<string> {
  await endSession(request, env);
  const secret = randomSecret();
  await accountOf(env, accountId)?.openSession(await hashSecret(secret), Date.now());
  return sessionCookie({ accountId, secret }, env);
}

/** The `Set-Cookie` that takes the cookie away; the session itself ends first. */
export async function endSession(
  request: Request,
  env: Pick<Env, "ACCOUNT" | "PUBLIC_URL">,
): Promise<string> {
  const cookie = readSessionCookie(request.headers, env);
  if (cookie !== undefined) {
    await accountOf(env, cookie.accountId)?.endSession(await hashSecret(cookie.secret));
  }
  return noSessionCookie(env);
}
