/** `/password/<token>`: shows the page of a password link, and takes the new password. */
import { Hono } from "hono";
import * as z from "zod/mini";
import type { Env } from "../env.ts";
import { addressBlock } from "../http/client-address.ts";
import { MinuteLimits } from "../http/minute-limits.ts";
import { readForm } from "../http/body/read-form.ts";
import { seeOther } from "../http/answer/see-other.ts";
import { logEvent } from "../log.ts";
import { foreignForm } from "../pages/foreign-form.ts";
import { newPasswordProblem } from "../pages/new-password-field.tsx";
import { messagePage } from "../pages/page.tsx";
import { tooManyAttempts } from "../pages/too-many-attempts.ts";
import { isOwnOrigin } from "../session/csrf.ts";
import { openSession } from "../session/open-session.ts";
import { passwordLinkPage } from "./password-link-page.tsx";
import { findPasswordLink, usePasswordLink } from "./use-password-link.ts";

const MAX_FORM_BYTES = 4 * 1024;
const POSTS_PER_MINUTE = 10;

const passwordForm = z.object({ password: z.string() });

const perAddress = new MinuteLimits(POSTS_PER_MINUTE);

export const passwordLinks = new Hono<{ Bindings: Env }>()
  .get("/password/:token", async (context) => {
    const token = context.req.param("token");
    const link = await findPasswordLink(context.env, token);
    return link === undefined ? notValid() : passwordLinkPage({ token, email: link.email });
  })
  .post("/password/:token", (context) =>
    handlePost(context.req.raw, context.env, context.req.param("token")),
  );

async function handlePost(request: Request, env: Env, token: string): Promise<Response> {
  if (!isOwnOrigin(request, env)) return foreignForm();
  const retryAfterS = perAddress.take(addressBlock(request, env), Date.now());
  if (retryAfterS > 0) return tooManyAttempts(retryAfterS);
  const link = await findPasswordLink(env, token);
  if (link === undefined) return notValid();
  const page = { token, email: link.email };
  const form = await readForm(request, passwordForm, MAX_FORM_BYTES);
  if (!form.ok) return foreignForm();
  const { password } = form.value;
  const problem = newPasswordProblem(password);
  if (problem !== undefined) return passwordLinkPage({ ...page, status: 400, problem });
  const used = await usePasswordLink(env, link, password);
  if (!used.ok) {
    const { status, message } = used.error;
    return status === 404 ? notValid() : passwordLinkPage({ ...page, status, problem: message });
  }
  const { accountId, teams } = link;
  logEvent("info", "password_link_used", { teams: teams.length });
  const signIn = { accountId, provenAtMs: Date.now(), password: used.value };
  return seeOther("/account?done=password", await openSession(request, env, signIn));
}

function notValid(): Promise<Response> {
  return messagePage({
    title: "This link is not valid",
    status: 404,
    text: "It was used, has expired, or a newer one took its place. Ask whoever runs this installation for another.",
  });
}
