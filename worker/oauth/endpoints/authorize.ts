/** `/authorize`: a client sends a person here, and gets them back with a code or a reason. */
import {
  AuthorizationError,
  type AuthRequest,
  type OAuthHelpers,
} from "@cloudflare/workers-oauth-provider";
import * as z from "zod/mini";
import type { Scope } from "#shared/access/scope.ts";
import type { Env } from "../../env.ts";
import { addressBlock } from "../../http/client-address.ts";
import { errorResponse } from "../../http/answer/error-response.ts";
import { MinuteLimits } from "../../http/minute-limits.ts";
import { readForm } from "../../http/body/read-form.ts";
import { originsOf } from "../../origins.ts";
import { messagePage } from "../../pages/page.tsx";
import { CSRF_FIELD, isOwnForm } from "../../session/csrf.ts";
import { readSession, type Session } from "../../session/read-session.ts";
import { teamOf } from "../../team/stub.ts";
import { createAuthorizationServer, hasOAuth } from "../library/authorization-server.ts";
import { looksLikeUrl } from "../clients/client-id-url.ts";
import { consentPage } from "./consent-page.tsx";
import { refusedPage } from "./refused-page.tsx";
import { serveNothing } from "./discovery.ts";
import { toKv } from "../storage/kv.ts";
import { fromLibraryHeaders, toLibraryHeaders } from "../library/library-cookies.ts";
import {
  isLoopbackRedirectUri,
  isTrustedRedirectUri,
  shownRedirectHost,
} from "../clients/redirect-uri.ts";
import { SharedEntries } from "../storage/shared-entries.ts";

const MAX_FORM_BYTES = 16 * 1024;

/** For people who have not signed in, by address. */
const STRANGERS_PER_MINUTE = 60;
const strangers = new MinuteLimits(STRANGERS_PER_MINUTE);

export async function handleAuthorize(request: Request, env: Env): Promise<Response> {
  if (!hasOAuth(originsOf(env).main)) return serveNothing(request);
  if (request.method !== "GET" && request.method !== "POST") return notAllowed();
  const session = await readSession(request, env);
  if (session === undefined && isTooMuch(request, env)) return tooMuch();
  const asked = { request: toLibraryRequest(request, env), env, session, api: apiOf(env) };
  try {
    return await (request.method === "GET" ? ask(asked) : decide(asked, request));
  } catch (error) {
    if (error instanceof AuthorizationError) return refuse(error, asked);
    throw error;
  }
}

interface Asked {
  /** As the library receives it. */
  readonly request: Request;
  readonly env: Env;
  readonly session: Session | undefined;
  readonly api: OAuthHelpers;
}

async function ask({ request, env, session, api }: Asked): Promise<Response> {
  const clientId = new URL(request.url).searchParams.get("client_id") ?? "";
  // A document is fetched only for somebody who is signed in.
  if (session === undefined && looksLikeUrl(clientId)) return toSignIn(request);
  const asking = await api.parseAuthRequest(request);
  checkChallenge(asking);
  if (session === undefined) return toSignIn(request);
  const client = await api.lookupClient(asking.clientId);
  const { handle, headers } = await api.beginConsent(asking);
  return consentPage({
    asking: {
      name: client?.clientName,
      documentHost: looksLikeUrl(asking.clientId) ? new URL(asking.clientId).host : undefined,
      redirectHost: shownRedirectHost(asking.redirectUri),
      isOnThisMachine: isLoopbackRedirectUri(asking.redirectUri),
      asksToWrite: asking.scope.includes("aimdb:write"),
    },
    session,
    handle,
    headers: fromLibraryHeaders(headers, env),
  });
}

/** As S256 makes it (RFC 7636 §4.2). */
const CHALLENGE = /^[\w-]{43}$/;

/**
 * The library lets a client that has a secret go without. A code that was stolen from its answer could then be given
 * to it in another person's name (RFC 9700, 4.5).
 */
function checkChallenge({
  codeChallenge = "",
  redirectUri,
  state,
  issuer = "",
}: AuthRequest): void {
  if (CHALLENGE.test(codeChallenge)) return;
  const description = "PKCE is needed: send a code_challenge made by S256";
  throw new AuthorizationError("invalid_request", { description, redirectUri, state, issuer });
}

const decisionForm = z.object({
  [CSRF_FIELD]: z.string(),
  handle: z.string().check(z.maxLength(100)),
  decision: z.enum(["allow", "deny"]),
  team: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
  write: z.optional(z.literal("1")),
});
type Decision = z.infer<typeof decisionForm>;

async function decide(asked: Asked, original: Request): Promise<Response> {
  const { session, env, request, api } = asked;
  const form = await readForm(original, decisionForm, MAX_FORM_BYTES);
  if (session === undefined) return notSignedIn();
  if (!form.ok) return foreignForm();
  const isOwn = isOwnForm(original, env, { csrfToken: session.csrfToken, form: form.value });
  if (!isOwn) return foreignForm();
  if (form.value.decision === "allow") return allow(asked, session, form.value);
  const { headers } = await api.denyConsent(request, form.value.handle);
  return new Response(null, { status: 302, headers: fromLibraryHeaders(headers, env) });
}

async function allow(
  { env, request, api }: Asked,
  session: Session,
  { handle, team, write }: Decision,
): Promise<Response> {
  const membership = session.memberships.find(({ teamId }) => teamId === team);
  const stub = membership === undefined ? undefined : teamOf(env, membership.teamId);
  if (stub === undefined) return noTeam();
  const approved = await api.approveConsent(request, handle);
  const scopes = grantedScopes(approved.request, write === "1");
  const client = await api.lookupClient(approved.request.clientId);
  const result = await stub.consent({
    request: approved.request,
    account: session.accountId,
    scopes,
    clientName: client?.clientName ?? "",
  });
  if (!result.ok) return result.reason === "not_a_member" ? noTeam() : clientGone();
  const headers = fromLibraryHeaders(approved.headers, env);
  headers.set("location", result.redirectTo);
  headers.set("referrer-policy", "no-referrer");
  return new Response(null, { status: 302, headers });
}

/** Write access was asked for, and its box left ticked. */
function grantedScopes({ scope }: AuthRequest, isTicked: boolean): Scope[] {
  return isTicked && scope.includes("aimdb:write") ? ["aimdb:read", "aimdb:write"] : ["aimdb:read"];
}

/**
 * The library gives a redirect address only if the client registered it. Anybody can register, so nobody is sent
 * unasked anywhere but to known hosts and to their own machine (RFC 9700, 4.11.2).
 */
function refuse(
  { redirectTo, redirectUri, description }: AuthorizationError,
  { request, session }: Asked,
): Promise<Response> | Response {
  if (redirectTo === undefined || redirectUri === undefined) {
    return messagePage({
      title: "This client can't be connected",
      status: 400,
      reader: session,
      text: `${description}. Start again from the client.`,
    });
  }
  if (isTrustedRedirectUri(redirectUri)) return goTo(redirectTo, 302);
  if (session === undefined) return toSignIn(request);
  return refusedPage({ session, description, redirectTo, host: shownRedirectHost(redirectUri) });
}

function toSignIn(request: Request): Response {
  const { pathname, search } = new URL(request.url);
  return goTo(`/login?next=${encodeURIComponent(pathname + search)}`, 303);
}

function goTo(location: string, status: 302 | 303): Response {
  const headers = { location, "cache-control": "no-store", "referrer-policy": "no-referrer" };
  return new Response(null, { status, headers });
}

/** With the canonical address, whichever name of this machine was used. */
function toLibraryRequest(request: Request, env: Env): Request {
  const { pathname, search } = new URL(request.url);
  const address = new URL(pathname + search, originsOf(env).main);
  return new Request(address, { headers: toLibraryHeaders(request.headers, env) });
}

function apiOf(env: Env): OAuthHelpers {
  const { main } = originsOf(env);
  const OAUTH_KV = toKv(new SharedEntries(env), Date.now);
  return createAuthorizationServer({ main }).getOAuthApi({ OAUTH_KV });
}

function isTooMuch(request: Request, env: Env): boolean {
  return strangers.take(addressBlock(request, env), Date.now()) > 0;
}

function tooMuch(): Promise<Response> {
  return messagePage({
    title: "Too many requests",
    status: 429,
    headers: { "retry-after": "60" },
    text: "Try again in a minute.",
  });
}

function notSignedIn(): Promise<Response> {
  return messagePage({
    title: "You are signed out",
    status: 401,
    text: "Start again from the client: it brings you here once more.",
  });
}

function foreignForm(): Promise<Response> {
  return messagePage({
    title: "This form came from elsewhere",
    status: 403,
    text: "Start again from the client.",
  });
}

function noTeam(): Promise<Response> {
  return messagePage({
    title: "Not your team",
    status: 403,
    text: "You are not in that team (any more). Start again from the client.",
  });
}

function clientGone(): Promise<Response> {
  return messagePage({
    title: "The client is gone",
    status: 400,
    text: "Its registration has ended. Remove the connector in the client and add it again.",
  });
}

function notAllowed(): Response {
  const message = "Open this address in a browser.";
  const response = errorResponse({ status: 405, code: "method_not_allowed", message });
  response.headers.set("allow", "GET, POST");
  return response;
}
