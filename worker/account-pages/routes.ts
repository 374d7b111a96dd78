/** `/account`: a signed-in person's own password and sessions. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { accountOf } from "../account/stub.ts";
import { MAX_PASSWORD_LENGTH } from "../auth/password.ts";
import { toOpened } from "../dashboard/open-page.ts";
import type { Env } from "../env.ts";
import { addressBlock, senderNetwork } from "../http/client-address.ts";
import { MinuteLimits } from "../http/minute-limits.ts";
import { readForm } from "../http/body/read-form.ts";
import { seeOther } from "../http/answer/see-other.ts";
import { logEvent } from "../log.ts";
import { openIdSettings } from "../openid/settings.ts";
import { foreignForm } from "../pages/foreign-form.ts";
import { newPasswordProblem } from "../pages/new-password-field.tsx";
import { CSRF_FIELD, isOwnForm } from "../session/csrf.ts";
import { endOtherSessions, openSession } from "../session/open-session.ts";
import { readSession, type Session } from "../session/read-session.ts";
import { describeRefusal } from "../sign-in/describe-refusal.ts";
import { accountPage, toDone, type AccountAnswer, type AccountPage } from "./account-page.tsx";
import { changePassword, type ChangeRefusal } from "./change-password.ts";

const MAX_FORM_BYTES = 4 * 1024;
const CHANGES_PER_MINUTE = 10;

const csrf = { [CSRF_FIELD]: z.string() };
const accountForm = z.discriminatedUnion("action", [
  z.object({
    ...csrf,
    action: z.literal("change_password"),
    current: z.string().check(z.maxLength(MAX_PASSWORD_LENGTH)),
    password: z.string(),
  }),
  z.object({ ...csrf, action: z.literal("sign_out_elsewhere") }),
]);
type AccountForm = z.infer<typeof accountForm>;

const perAddress = new MinuteLimits(CHANGES_PER_MINUTE);

interface Asked {
  readonly request: Request;
  readonly env: Env;
  readonly session: Session;
}

export const accountPages = new Hono<{ Bindings: Env }>()
  .get("/account", (context) =>
    signedIn(context.req.raw, context.env, async (asked) =>
      accountPage({ ...(await pageOf(asked)), done: toDone(context.req.query("done")) }),
    ),
  )
  .post("/account", (context) =>
    signedIn(context.req.raw, context.env, async (asked) => {
      const { request, env } = asked;
      const { csrfToken } = asked.session;
      const form = await readForm(request, accountForm, MAX_FORM_BYTES);
      if (!form.ok || !isOwnForm(request, env, { csrfToken, form: form.value })) {
        return foreignForm();
      }
      return form.value.action === "change_password"
        ? change(asked, form.value)
        : signOutElsewhere(asked);
    }),
  );

async function signedIn(
  request: Request,
  env: Env,
  show: (asked: Asked) => Promise<Response>,
): Promise<Response> {
  const session = await readSession(request, env);
  return session === undefined
    ? seeOther("/login?next=%2Faccount")
    : show({ request, env, session });
}

async function pageOf({ request, env, session }: Asked): Promise<AccountPage> {
  const person = await accountOf(env, session.accountId)?.person();
  return {
    session,
    opened: toOpened(request, env, session),
    hasPassword: person?.hasPassword === true,
    provider: openIdSettings(env)?.name,
  };
}

async function change(
  asked: Asked,
  { current, password }: Extract<AccountForm, { action: "change_password" }>,
): Promise<Response> {
  const { request, env, session } = asked;
  const refuse = async (answer: AccountAnswer) => accountPage(await pageOf(asked), answer);
  const problem = newPasswordProblem(password);
  if (problem !== undefined) return refuse({ status: 400, problem });
  const retryAfterS = perAddress.take(addressBlock(request, env), Date.now());
  if (retryAfterS > 0) {
    return refuse(describe({ reason: "later", retryAfterMs: retryAfterS * 1000 }));
  }
  const network = senderNetwork(request, env);
  const changed = await changePassword(env, session, { current, password, network });
  if (!changed.ok) {
    logEvent("warn", "password_change_refused", { reason: changed.error.reason });
    return refuse(describe(changed.error));
  }
  const { accountId, memberships } = session;
  logEvent("info", "password_changed", { teams: memberships.length });
  const signIn = { accountId, provenAtMs: Date.now(), password: changed.value };
  return seeOther("/account?done=password", await openSession(request, env, signIn));
}

function describe(refusal: ChangeRefusal): AccountAnswer {
  if (refusal.reason !== "refused") {
    return describeRefusal(refusal, { status: 403, problem: "The current password is wrong." });
  }
  const { status, message } = refusal.error;
  return { status, problem: message };
}

async function signOutElsewhere({ request, env }: Asked): Promise<Response> {
  await endOtherSessions(request, env);
  logEvent("info", "signed_out_elsewhere");
  return seeOther("/account?done=sessions");
}
