/** `/login` and `/logout`. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { emailSchema } from "../account/email.ts";
import { MAX_PASSWORD_LENGTH } from "../auth/password.ts";
import type { Env } from "../env.ts";
import { addressBlock, senderNetwork } from "../http/client-address.ts";
import { MinuteLimits } from "../http/minute-limits.ts";
import { readForm } from "../http/body/read-form.ts";
import { seeOther } from "../http/answer/see-other.ts";
import { ownPath } from "../http/relative-path.ts";
import { logEvent } from "../log.ts";
import { openIdSettings } from "../openid/settings.ts";
import { originsOf } from "../origins.ts";
import { foreignForm } from "../pages/foreign-form.ts";
import { CSRF_FIELD, isOwnForm, isOwnOrigin } from "../session/csrf.ts";
import { endSession, openSession } from "../session/open-session.ts";
import { readSession } from "../session/read-session.ts";
import { checkCredentials, type SignInRefusal } from "./check-credentials.ts";
import { describeRefusal } from "./describe-refusal.ts";
import { signInPage, type SignInPage } from "./sign-in-page.tsx";

const MAX_FORM_BYTES = 4 * 1024;
const SIGN_INS_PER_MINUTE = 10;

const signInForm = z.object({
  email: emailSchema,
  password: z.string().check(z.minLength(1), z.maxLength(MAX_PASSWORD_LENGTH)),
});
const signOutForm = z.object({ [CSRF_FIELD]: z.string() });

const perAddress = new MinuteLimits(SIGN_INS_PER_MINUTE);

export const signIn = new Hono<{ Bindings: Env }>()
  .get("/login", async (context) => {
    const next = nextOf(context.req.raw, context.env);
    const isAgain = context.req.query("again") !== undefined;
    const session = isAgain ? undefined : await readSession(context.req.raw, context.env);
    return session === undefined
      ? signInPage({ ...providerOf(context.env), next, isAgain })
      : seeOther(next);
  })
  .post("/login", (context) => handleSignIn(context.req.raw, context.env))
  .post("/logout", async (context) => {
    const { env } = context;
    const request = context.req.raw;
    const session = await readSession(request, env);
    const form = await readForm(request, signOutForm, MAX_FORM_BYTES);
    const isOwn =
      session === undefined ||
      (form.ok && isOwnForm(request, env, { csrfToken: session.csrfToken, form: form.value }));
    return isOwn ? seeOther("/login", await endSession(request, env)) : foreignForm();
  });

async function handleSignIn(request: Request, env: Env): Promise<Response> {
  const next = nextOf(request, env);
  if (!isOwnOrigin(request, env)) return foreignForm();
  const retryAfterS = perAddress.take(addressBlock(request, env), Date.now());
  if (retryAfterS > 0)
    return refuse(
      { ...providerOf(env), next },
      { reason: "later", retryAfterMs: retryAfterS * 1000 },
    );
  const form = await readForm(request, signInForm, MAX_FORM_BYTES);
  if (!form.ok) return refuse({ ...providerOf(env), next }, { reason: "wrong" });
  const network = senderNetwork(request, env);
  const checked = await checkCredentials(env, { ...form.value, network });
  if (!checked.ok) {
    logEvent("warn", "sign_in_refused", { reason: checked.error.reason });
    return refuse({ ...providerOf(env), next }, checked.error);
  }
  const signIn = { ...checked.value, provenAtMs: Date.now() };
  return seeOther(next, await openSession(request, env, signIn));
}

/** The page says nothing about what was entered: it looks the same for every address. */
function refuse(
  page: Pick<SignInPage, "next" | "provider">,
  refusal: SignInRefusal,
): Promise<Response> {
  const wrong = { status: 401, problem: "E-mail or password is wrong." };
  return signInPage({ ...page, ...describeRefusal(refusal, wrong) });
}

function providerOf(env: Env): { provider: string | undefined } {
  return { provider: openIdSettings(env)?.name };
}

function nextOf(request: Request, env: Env): string {
  const next = new URL(request.url).searchParams.get("next") ?? undefined;
  return ownPath(next, originsOf(env).main);
}
