/**
 * `/confirm/<call id>`: a person decides a write that a client asked for. Looking changes nothing, and no token
 * decides anything: what a model holds is not a person's word.
 */
import { Hono } from "hono";
import * as z from "zod/mini";
import type { Failure } from "#shared/failure.ts";
import { allows } from "#shared/access/scope.ts";
import { scopesOfRole } from "../access/role.ts";
import type { Env } from "../env.ts";
import { readForm } from "../http/body/read-form.ts";
import { seeOther } from "../http/answer/see-other.ts";
import { logEvent } from "../log.ts";
import { foreignForm } from "../pages/foreign-form.ts";
import type { WriteResult } from "../relay/rpc.ts";
import { relayOf } from "../relay/stub.ts";
import { CSRF_FIELD, isOwnForm } from "../session/csrf.ts";
import { readSession, type Session } from "../session/read-session.ts";
import { MAX_SIGN_IN_AGE_MS, signInAgeMs } from "../session/sign-in-age.ts";
import { confirmPage, nothingPage } from "./confirm-page.tsx";
import { findQuestion, readAsker, type PendingQuestion } from "./pending-question.ts";

const MAX_FORM_BYTES = 4 * 1024;

const decisionForm = z.object({
  [CSRF_FIELD]: z.string(),
  shown: z.string().check(z.maxLength(100)),
  decision: z.enum(["approve", "decline"]),
});
type Decision = z.infer<typeof decisionForm>;

interface Opened {
  readonly env: Env;
  readonly session: Session;
  readonly callId: string;
}

export const confirm = new Hono<{ Bindings: Env }>()
  .get("/confirm/:call", async (context) => {
    const { env } = context;
    const session = await readSession(context.req.raw, env);
    const callId = context.req.param("call");
    return session === undefined ? toSignIn(callId) : show({ env, session, callId });
  })
  .post("/confirm/:call", async (context) => {
    const { env } = context;
    const request = context.req.raw;
    const session = await readSession(request, env);
    const callId = context.req.param("call");
    if (session === undefined) return toSignIn(callId);
    const form = await readForm(request, decisionForm, MAX_FORM_BYTES);
    const { csrfToken } = session;
    if (!form.ok || !isOwnForm(request, env, { csrfToken, form: form.value })) return foreignForm();
    return decide({ env, session, callId }, form.value);
  });

async function decide(opened: Opened, decision: Decision): Promise<Response> {
  const { env, session, callId } = opened;
  const pending = await findQuestion(env, session, callId);
  if (pending === undefined) return nothingPage(session);
  if (pending.question.report.status !== "awaiting_confirmation") return seeOther(pathOf(callId));
  const ageMs = signInAgeMs(session, Date.now());
  if (ageMs > MAX_SIGN_IN_AGE_MS) return toSignIn(callId, "again");
  const decided = await send(env, pending, { ...decision, signInAgeMs: ageMs });
  return decided === undefined || decided.ok
    ? seeOther(pathOf(callId))
    : refuse(opened, decided.failure);
}

/** Sent once. Undefined if the answer was lost: the page then shows what the row says. */
async function send(
  env: Env,
  { relayId, id, membership }: PendingQuestion,
  { decision, shown, signInAgeMs }: Decision & { signInAgeMs: number },
): Promise<WriteResult | undefined> {
  const { teamId: team, memberId, role } = membership;
  const request = { team, id, approver: { id: memberId, scopes: scopesOfRole(role) } };
  const relay = relayOf(env, relayId);
  try {
    return decision === "approve"
      ? await relay.approve({ ...request, signInAgeMs, shown })
      : await relay.decline(request);
  } catch (error) {
    logEvent("error", "relay_object_lost", { reason: String(error) });
    return undefined;
  }
}

function refuse(opened: Opened, { code, message }: Failure): Promise<Response> | Response {
  if (code === "unauthenticated") return toSignIn(opened.callId, "again");
  return show(opened, { status: code === "conflict" ? 409 : 403, problem: message });
}

async function show(
  { env, session, callId }: Opened,
  answer: { status?: number; problem?: string } = {},
): Promise<Response> {
  const pending = await findQuestion(env, session, callId);
  if (pending === undefined) return nothingPage(session);
  const asker = await readAsker(env, pending);
  return confirmPage({ session, pending, asker, mayDecide: mayDecide(pending), ...answer });
}

/** The relay object decides the same again. */
function mayDecide({ membership, question }: PendingQuestion): boolean {
  const isTheirs = question.person === null || question.person === membership.memberId;
  return isTheirs && allows(scopesOfRole(membership.role), "aimdb:write");
}

/** The same for every call id. */
function toSignIn(callId: string, again?: "again"): Response {
  const next = encodeURIComponent(pathOf(callId));
  return seeOther(`/login?next=${next}${again === undefined ? "" : "&again=1"}`);
}

function pathOf(callId: string): string {
  return `/confirm/${encodeURIComponent(callId)}`;
}
