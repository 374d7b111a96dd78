/**
 * `/oauth/register` (RFC 7591), open to anybody, as most clients need it to be. So it accepts little, rarely, and
 * keeps it briefly, until somebody consents.
 */
import * as z from "zod/mini";
import { brokenBound } from "#shared/json/json-bounds.ts";
import { isJsonObject, type JsonObject } from "#shared/json/json.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { hashSecret } from "../../auth/secret.ts";
import type { Env } from "../../env.ts";
import { addressBlock, senderNetwork } from "../../http/client-address.ts";
import { readBody } from "../../http/body/read-body.ts";
import { JSON_BOUNDS } from "../../http/body/read-json.ts";
import { originsOf } from "../../origins.ts";
import {
  createAuthorizationServer,
  hasOAuth,
  NEW_CLIENT_TTL_S,
  REGISTER_PATH,
} from "../library/authorization-server.ts";
import { toShownName } from "../../shown-name.ts";
import type { Entry } from "../storage/entry-store.ts";
import { serveNothing } from "./discovery.ts";
import { toKv, type OAuthEnv } from "../storage/kv.ts";
import { libraryContext } from "../library/library-context.ts";
import { oauthErrorResponse, type EndpointError } from "./oauth-error.ts";
import { withOpenCors } from "./open-cors.ts";
import { isUsableRedirectUri, MAX_REDIRECT_URIS } from "../clients/redirect-uri.ts";
import { shardOf } from "../storage/shards.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { parseOrUndefined } from "#shared/parse/parse-or-undefined.ts";

const MAX_BODY_BYTES = 8 * 1024;
const HOUR_MS = 3_600_000;

const MAX_PER_ADDRESS_AN_HOUR = 10;
/**
 * For one network, since an IPv6 /48 has 65,536 addresses and new clients push out old ones; and for all callers
 * together whose address is unknown or this machine's, as behind an untrusted proxy.
 */
const MAX_AN_HOUR = 100;
const SHARED_ADDRESS = /^(unknown|127\..*|0:0:0:0::\/64)$/;

export async function handleRegister(request: Request, env: Env): Promise<Response> {
  if (!hasOAuth(originsOf(env).main)) return serveNothing(request);
  return withOpenCors(await answer(request, env));
}

async function answer(request: Request, env: Env): Promise<Response> {
  if (request.method !== "POST") return askLibrary(env, { method: request.method });
  const metadata = await readMetadata(request);
  if (!metadata.ok) return oauthErrorResponse(metadata.error);
  if (!(await isWithinRate(request, env))) return oauthErrorResponse(TOO_MANY);
  const registered = await askLibrary(env, { method: "POST", body: metadata.value });
  return registered.status === 201 ? withLastingSecret(registered) : registered;
}

/**
 * A secret ends with its client, which is kept as long as it is used, and by no time of its own. The library gives the
 * time at which a client that nobody consented to is forgotten: programs drop a secret then, and sign their person out.
 */
async function withLastingSecret(registered: Response): Promise<Response> {
  const client = z.looseObject({}).parse(await registered.json());
  const lasting = "client_secret" in client ? { client_secret_expires_at: 0 } : {};
  return Response.json({ ...client, ...lasting }, registered);
}

/** Fields that are not understood are not kept (RFC 7591 §2). */
const metadataSchema = z.object({
  redirect_uris: z.array(z.string()).check(z.minLength(1), z.maxLength(MAX_REDIRECT_URIS)),
  client_name: z.optional(z.string()),
  grant_types: z.optional(z.array(z.string()).check(z.maxLength(10))),
  response_types: z.optional(z.array(z.string()).check(z.maxLength(10))),
  token_endpoint_auth_method: z.optional(z.string()),
  token_endpoint_auth_methods_supported: z.optional(z.array(z.string()).check(z.maxLength(10))),
});

async function readMetadata(request: Request): Promise<Result<JsonObject, EndpointError>> {
  const text = await readBody(request, MAX_BODY_BYTES);
  if (!text.ok) return err(TOO_LARGE);
  if (brokenBound(text.value, JSON_BOUNDS) !== undefined) return err(NO_METADATA);
  const value = parseOrUndefined(text.value);
  const parsed = safeParse(metadataSchema, value);
  if (!parsed.success) {
    const isAboutUris = parsed.error.issues.some(({ path }) => path[0] === "redirect_uris");
    return err(isJsonObject(value) && isAboutUris ? NO_REDIRECT_URI : NO_METADATA);
  }
  const { client_name: name, redirect_uris: all, ...rest } = parsed.data;
  // A client may list redirect addresses that it uses elsewhere; those not allowed here are left out, and the
  // answer shows it.
  const redirect_uris = all.filter(isUsableRedirectUri);
  if (redirect_uris.length === 0) return err(NO_REDIRECT_URI);
  const client_name = name === undefined ? undefined : toShownName(name);
  if (name !== undefined && client_name === undefined) return err(NO_NAME);
  return ok({ ...rest, redirect_uris, ...(client_name === undefined ? {} : { client_name }) });
}

async function isWithinRate(request: Request, env: Env): Promise<boolean> {
  const address = addressBlock(request, env);
  if (SHARED_ADDRESS.test(address)) return takeOne(env, "", MAX_AN_HOUR);
  const isWithin = await takeOne(env, address, MAX_PER_ADDRESS_AN_HOUR);
  return isWithin && takeOne(env, senderNetwork(request, env), MAX_AN_HOUR);
}

async function takeOne(env: Env, from: string, limit: number): Promise<boolean> {
  const key = `register:${await hashSecret(from)}`;
  return (await shardOf(env, key)).take({ key, limit, windowMs: HOUR_MS });
}

function askLibrary(
  env: Env,
  { method, body }: { method: string; body?: JsonObject },
): Promise<Response> {
  const { main } = originsOf(env);
  const server = createAuthorizationServer({ main, clientTtlS: NEW_CLIENT_TTL_S });
  const request = new Request(new URL(REGISTER_PATH, main), {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return server.fetch(request, placeForClients(env), libraryContext());
}

/** Where the library puts the new client. */
function placeForClients(env: Env): OAuthEnv {
  const put = async (key: string, entry: Entry) => (await shardOf(env, key)).register(key, entry);
  const entries = { get: () => null, put, delete: () => undefined, list: () => [] };
  return { OAUTH_KV: toKv(entries, Date.now) };
}

const TOO_LARGE: EndpointError = {
  status: 413,
  error: "invalid_client_metadata",
  description: `The body may have ${MAX_BODY_BYTES} bytes at most.`,
};
const NO_METADATA: EndpointError = {
  status: 400,
  error: "invalid_client_metadata",
  description: "The body is not a JSON object of client metadata.",
};
const NO_REDIRECT_URI: EndpointError = {
  status: 400,
  error: "invalid_redirect_uri",
  description: `redirect_uris takes 1 to ${MAX_REDIRECT_URIS} addresses: https, or http on localhost, 127.0.0.1 or [::1].`,
};
const NO_NAME: EndpointError = {
  status: 400,
  error: "invalid_client_metadata",
  description: "client_name takes 1 to 80 printable characters.",
};
const TOO_MANY: EndpointError = {
  status: 429,
  error: "temporarily_unavailable",
  description: "Too many registrations from this address. Try again later.",
  retryAfterS: HOUR_MS / 1_000,
};
