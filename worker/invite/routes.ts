/** `/invite/<token>`: shows an invitation, and makes its person a member. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { emailSchema } from "../account/email.ts";
import { hashPassword } from "../auth/password.ts";
import type { Env } from "../env.ts";
import { addressBlock } from "../http/client-address.ts";
import { seeOther } from "../http/answer/see-other.ts";
import { MinuteLimits } from "../http/minute-limits.ts";
import { readForm } from "../http/body/read-form.ts";
import { openIdSettings } from "../openid/settings.ts";
import { messagePage } from "../pages/page.tsx";
import { tooManyAttempts } from "../pages/too-many-attempts.ts";
import { foreignForm } from "../pages/foreign-form.ts";
import { newPasswordProblem } from "../pages/new-password-field.tsx";
import { CSRF_FIELD, isOwnForm, isOwnOrigin } from "../session/csrf.ts";
import { openSession, renewSession } from "../session/open-session.ts";
import { shownNameSchema } from "../shown-name.ts";
import { readSession, type Session } from "../session/read-session.ts";
import {
  createAndJoin,
  findInvitation,
  joinTeam,
  type AcceptRefusal,
  type Invitation,
} from "./accept.ts";
import { invitePage, type InvitePage } from "./invite-page.tsx";

const MAX_FORM_BYTES = 4 * 1024;
const POSTS_PER_MINUTE = 10;

const newAccountForm = z.object({
  name: shownNameSchema,
  email: emailSchema,
  password: z.string(),
});
const joinForm = z.object({ [CSRF_FIELD]: z.string() });

const perAddress = new MinuteLimits(POSTS_PER_MINUTE);

interface Asked {
  readonly request: Request;
  readonly env: Env;
  readonly token: string;
}

interface Opened extends Asked {
  readonly invitation: Invitation;
}

export const invite = new Hono<{ Bindings: Env }>()
  .get("/invite/:token", async (context) => {
    const { env } = context;
    const token = context.req.param("token");
    const invitation = await findInvitation(env, context.req.raw, token);
    if (invitation === undefined) return notValid();
    const session = await readSession(context.req.raw, env);
    return invitePage(pageOf({ request: context.req.raw, env, token, invitation }, session));
  })
  .post("/invite/:token", (context) =>
    handlePost({ request: context.req.raw, env: context.env, token: context.req.param("token") }),
  );

async function handlePost({ request, env, token }: Asked): Promise<Response> {
  if (!isOwnOrigin(request, env)) return foreignForm();
  const retryAfterS = perAddress.take(addressBlock(request, env), Date.now());
  if (retryAfterS > 0) return tooManyAttempts(retryAfterS);
  const invitation = await findInvitation(env, request, token);
  if (invitation === undefined) return notValid();
  const session = await readSession(request, env);
  const opened = { request, env, token, invitation };
  return session === undefined ? acceptAsNew(opened) : acceptAs(session, opened);
}

async function acceptAs(session: Session, opened: Opened): Promise<Response> {
  const { request, env, invitation } = opened;
  const form = await readForm(request, joinForm, MAX_FORM_BYTES);
  const { csrfToken } = session;
  if (!form.ok || !isOwnForm(request, env, { csrfToken, form: form.value })) return foreignForm();
  const joined = await joinTeam(env, invitation, session);
  if (!joined.ok) return refuse(pageOf(opened, session), joined.error);
  return seeOther("/", await renewSession(request, env));
}

async function acceptAsNew(opened: Opened): Promise<Response> {
  const { request, env, invitation } = opened;
  const page = pageOf(opened, undefined);
  const form = await readForm(request, newAccountForm, MAX_FORM_BYTES);
  if (!form.ok) return invitePage({ ...page, status: 400, problem: UNREADABLE });
  const { name: displayName, email, password } = form.value;
  const again = { ...page, filled: { name: displayName, email } };
  const problem = newPasswordProblem(password);
  if (problem !== undefined) {
    return invitePage({ ...again, status: 400, problem, wrong: "password" });
  }
  // Before the hash, which is expensive, and before any account exists.
  if (invitation.email !== null && invitation.email !== email) return refuse(again, "email");
  const hashed = await hashPassword(password);
  if (!hashed.ok) {
    return invitePage({ ...again, status: 503, headers: { "retry-after": "2" }, problem: BUSY });
  }
  const person = { email, displayName, password: hashed.value, identity: null };
  const account = await createAndJoin(env, invitation, person);
  if (!account.ok) return refuse(again, account.error);
  const signIn = { accountId: account.value, provenAtMs: Date.now() };
  return seeOther("/", await openSession(request, env, signIn));
}

function pageOf({ env, token, invitation }: Opened, session: Session | undefined): InvitePage {
  const { teamName, role, email } = invitation;
  return { token, teamName, role, email, session, provider: openIdSettings(env)?.name };
}

function refuse(page: InvitePage, reason: AcceptRefusal): Promise<Response> {
  if (reason === "invitation") return notValid();
  const isOfAddress = reason === "email" || reason === "taken";
  const wrong = isOfAddress ? ({ wrong: "email" } as const) : {};
  return invitePage({ ...page, status: 409, problem: PROBLEMS[reason], ...wrong });
}

const PROBLEMS: Readonly<Record<Exclude<AcceptRefusal, "invitation">, string>> = {
  email: "This invitation is for another e-mail address.",
  taken: "There is an account with this address. Sign in with it, then join.",
  team_full: "The team has as many members as are allowed.",
  too_many_teams: "You are in as many teams as are allowed.",
};
const UNREADABLE =
  "Fill in every field: a name without invisible characters, and an e-mail address such as name@example.com.";
const BUSY = "Many people are joining right now. Try again in a moment.";

function notValid(): Promise<Response> {
  return messagePage({
    title: "This invitation is not valid",
    status: 404,
    text: "It was used, has expired, was taken back, or a newer one took its place. Ask whoever gave it to you for another.",
  });
}
