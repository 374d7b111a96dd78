/**
 * `/oauth/token`: codes and refresh tokens to access tokens, and revocation (RFC 7009). What is sent
 * names its team, and the library runs in that team's object. Where it names none the library says
 * so here, in its own words.
 */
import { forgetCallers } from "../../auth/known-callers.ts";
import type { Env } from "../../env.ts";
import { readBody } from "../../http/read-body.ts";
import { originsOf } from "../../origins.ts";
import { teamOf } from "../../team/stub.ts";
import {
  createAuthorizationServer,
  hasOAuth,
  TOKEN_PATH,
} from "../library/authorization-server.ts";
import { looksLikeUrl } from "../clients/client-id-url.ts";
import { serveNothing } from "./discovery.ts";
import { toKv, type OAuthEnv } from "../storage/kv.ts";
import { libraryContext } from "../library/library-context.ts";
import { oauthErrorResponse } from "./oauth-error.ts";
import { withOpenCors } from "./open-cors.ts";
import { SharedEntries } from "../storage/shared-entries.ts";
import { namedGrantOf, type NamedGrant } from "../grants/user-id.ts";

const MAX_FORM_BYTES = 16 * 1024;
const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;

export async function handleToken(request: Request, env: Env): Promise<Response> {
  if (!hasOAuth(originsOf(env).main)) return serveNothing(request);
  return withOpenCors(await answer(request, env));
}

async function answer(request: Request, env: Env): Promise<Response> {
  const read = await readBody(request, MAX_FORM_BYTES);
  if (!read.ok) return oauthErrorResponse(TOO_LARGE);
  const form = read.value;
  const isForm =
    request.method === "POST" && FORM.test(request.headers.get("content-type")?.trim() ?? "");
  const grant = isForm ? namedGrant(form) : undefined;
  const inTeam = grant === undefined ? undefined : await askTeam(request, env, { grant, form });
  return inTeam ?? askNobody(request, env, form);
}

async function askTeam(
  request: Request,
  env: Env,
  { grant, form }: { grant: NamedGrant; form: string },
): Promise<Response | undefined> {
  const authorization = request.headers.get("authorization") ?? undefined;
  const answered = await teamOf(env, grant.team)?.oauthToken({ grant, authorization, form });
  if (answered === undefined || answered === null) return undefined;
  forgetCallers(grant.team);
  const { status, headers, body } = answered;
  return new Response(body, { status, headers });
}

/** The value that the grant type is about; others of the same request are the library's to refuse. */
function namedGrant(form: string): NamedGrant | undefined {
  const fields = new URLSearchParams(form);
  const token = {
    authorization_code: fields.get("code"),
    refresh_token: fields.get("refresh_token"),
  }[fields.get("grant_type") ?? ""];
  return namedGrantOf(token ?? fields.get("token") ?? "");
}

function askNobody(request: Request, env: Env, form: string): Promise<Response> {
  const { main } = originsOf(env);
  const server = createAuthorizationServer({ main });
  const { method, headers } = request;
  const body = method === "POST" ? { body: form } : {};
  const asked = new Request(new URL(TOKEN_PATH, main), { method, headers, ...body });
  return server.fetch(asked, withoutGrants(env), libraryContext());
}

/** Registered clients, and nothing else: no address is fetched for somebody without a grant. */
function withoutGrants(env: Env): OAuthEnv {
  const shared = new SharedEntries(env);
  const entries = {
    get: (key: string) =>
      key.startsWith("client:") && !looksLikeUrl(key) ? shared.get(key) : null,
    put: (key: string, entry: Parameters<SharedEntries["put"]>[1]) => shared.put(key, entry),
    delete: () => undefined,
    list: () => [],
  };
  return { OAUTH_KV: toKv(entries, Date.now) };
}

const TOO_LARGE = {
  status: 413,
  error: "invalid_request",
  description: `The body may have ${MAX_FORM_BYTES} bytes at most.`,
} as const;
