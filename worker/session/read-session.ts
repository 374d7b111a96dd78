/** Who is signed in at the browser that sent a request. */
import { accountOf } from "../account/stub.ts";
import { hashSecret } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { readTwice } from "../read-twice.ts";
import { csrfTokenOf } from "./csrf.ts";
import { readMemberships, type Membership } from "./memberships.ts";
import { readSessionCookie } from "./session-cookie.ts";

export interface Session {
  readonly accountId: string;
  readonly email: string;
  readonly displayName: string;
  /** When the person last proved who they are; null if nothing says so. */
  readonly provenAtMs: number | null;
  /** Part of every form, in the field CSRF_FIELD. */
  readonly csrfToken: string;
  /** As the teams say now. */
  readonly memberships: readonly Membership[];
}

/** Undefined if the browser is not signed in, whatever its cookie says. */
export async function readSession(
  request: Request,
  env: Pick<Env, "ACCOUNT" | "TEAM" | "PUBLIC_URL">,
): Promise<Session | undefined> {
  const cookie = readSessionCookie(request.headers, env);
  if (cookie === undefined) return undefined;
  const { accountId, secret } = cookie;
  const hash = await hashSecret(secret);
  const found = await readTwice(async () => accountOf(env, accountId)?.session(hash, Date.now()));
  if (found === undefined || found === null) return undefined;
  const { email, displayName, provenAtMs, teams } = found;
  return {
    accountId,
    email,
    displayName,
    provenAtMs,
    csrfToken: await csrfTokenOf(secret),
    memberships: await readMemberships(env, { accountId, teams }),
  };
}
