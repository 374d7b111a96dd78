/**
 * `/oauth/token`: exchanges codes and refresh tokens for access tokens, and revokes (RFC 7009). What is sent names
 * its team, and the library runs in that team's object. If it names none, the library refuses it here, in its own
 * words.
 */
import { failedTries } from "../../auth/failed-tries.ts";
import { forgetCallers } from "../../auth/known-callers.ts";
import type { Env } from "../../env.ts";
import { senderNetwork } from "../../http/client-address.ts";
import { isForm } from "../../http/body/read-form.ts";
import { readBody } from "../../http/body/read-body.ts";
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
import type { TokenAnswer } from "../grants/team-rpc.ts";
import { grantKey, namedGrantOf, type NamedGrant } from "../grants/user-id.ts";

const MAX_FORM_BYTES = 16 * 1024;

export async function handleToken(request: Request, env: Env): Promise<Response> {
  if (!hasOAuth(originsOf(env).main)) return serveNothing(request);
  return withOpenCors(await answer(request, env));
}

async function answer(request: Request, env: Env): Promise<Response> {
  const read = await readBody(request, MAX_FORM_BYTES);
  if (!read.ok) return oauthErrorResponse(TOO_LARGE);
  const form = read.value;
  const grant = request.method === "POST" && isForm(request) ? namedGrant(form) : undefined;
  const inTeam = grant === undefined ? undefined : await askTeam(request, env, { grant, form });
  if (inTeam !== undefined) return inTeam;
  if (request.method !== "POST") return askNobody(request, env, form);
  const from = senderNetwork(request, env);
  return failedTries.ask(
    { at: TOKEN_PATH, from, as: "", isWhole: false },
    () => askNobody(request, env, form),
    () => true,
  );
}

async function askTeam(
  request: Request,
  env: Env,
  { grant, form }: { grant: NamedGrant; form: string },
): Promise<Response | undefined> {
  const authorization = request.headers.get("authorization") ?? undefined;
  const from = senderNetwork(request, env);
  const answered = await failedTries.ask(
    { at: grant.team, from, as: grantKey(grant), isWhole: false },
    async () => teamOf(env, grant.team)?.oauthToken({ grant, authorization, form }),
    (answer) => !showsGrant(form, answer),
  );
  if (answered === undefined || answered === null) return undefined;
  forgetCallers(grant.team);
  const { status, headers, body } = answered;
  return new Response(body, { status, headers });
}

/** Giving a token back is answered the same whatever it is (RFC 7009 §2.2), and tells nothing of who did. */
function showsGrant(form: string, answer: TokenAnswer | null | undefined): boolean {
  const status = answer?.status ?? 404;
  return status >= 500 || (status === 200 && new URLSearchParams(form).has("grant_type"));
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

/** Registered clients only: no document is fetched for a caller without a grant. */
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
