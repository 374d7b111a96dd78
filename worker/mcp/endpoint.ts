/**
 * `/mcp`: what a request must be before MCP sees it. In this order: origin, size, token, method,
 * media type, form. The token comes before the method: some clients find out by a GET that one is
 * needed.
 */
import { CallingFleet } from "#shared/calling-fleet.ts";
import { brokenBound } from "#shared/json-bounds.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { allows } from "#shared/scope.ts";
import { scopeOf } from "#shared/mcp/server.ts";
import {
  authenticateGranted,
  authenticatePersonal,
  isPersonal,
  type Admitted,
} from "../auth/authenticate.ts";
import { bearerToken } from "../auth/bearer.ts";
import type { Principal } from "../auth/principal.ts";
import type { Env } from "../env.ts";
import { clientAddress, networkOf } from "../http/client-address.ts";
import { readBody } from "../http/read-body.ts";
import { JSON_BOUNDS } from "../http/read-json.ts";
import { logEvent } from "../log.ts";
import { hasOAuth } from "../oauth/authorization-server.ts";
import { challengeOf, writeChallenge } from "../oauth/protect.ts";
import { addressedBy, isAllowedOrigin, originsOf } from "../origins.ts";
import type { McpExtension } from "./extension.ts";
import {
  completeRefusal,
  requestIdOf,
  RPC_CODES,
  rpcErrorResponse,
  type RpcId,
  type RpcRefusal,
} from "./json-rpc-error.ts";
import { namedRelay } from "./named-relay.ts";
import { plainCall } from "./plain-call.ts";
import { requestStateOf } from "./request-state.ts";
import { serveMcp } from "./serve-mcp.ts";
import { WorkerCalls } from "./worker-calls.ts";

const MAX_BODY_BYTES = 256 * 1024;

/** The arguments may be as deep as any input; the envelope around them has three levels. */
const ENVELOPE_BOUNDS = { ...JSON_BOUNDS, maxDepth: JSON_BOUNDS.maxDepth + 3 };

export async function handleMcp(
  request: Request,
  env: Env,
  extension?: McpExtension,
): Promise<Response> {
  const origin = request.headers.get("origin") ?? undefined;
  const message = await readMessage(request);
  if (!isAllowedOrigin(origin, originsOf(env))) return rpcErrorResponse(FOREIGN_ORIGIN, message.id);
  if (request.method === "OPTIONS")
    return new Response(null, { status: 204, headers: cors(origin) });
  const response = await answer(request, message, { env, extension });
  for (const [name, value] of Object.entries(cors(origin))) response.headers.set(name, value);
  // Whoever compresses a stream holds it back.
  response.headers.set("cache-control", "no-store, no-transform");
  return response;
}

/** For a request to a host this Worker does not answer for. */
export async function refuseMisdirected(request: Request): Promise<Response> {
  const { id } = await readMessage(request);
  return rpcErrorResponse(MISDIRECTED, id);
}

interface Build {
  readonly env: Env;
  readonly extension: McpExtension | undefined;
}

async function answer(
  request: Request,
  message: Message,
  { env, extension }: Build,
): Promise<Response> {
  const { id, body } = message;
  if (!body.ok && body.error === TOO_LARGE) return rpcErrorResponse(TOO_LARGE, id);
  const explain = (error: unknown) => explainBug(error, env);
  try {
    const caller = await admit(request, env, body.ok ? namedRelay(body.value) : undefined);
    if (!caller.ok) return rpcErrorResponse(caller.error, id);
    const { principal, named } = caller.value;
    if (request.method !== "POST") return rpcErrorResponse(NOT_ALLOWED, id);
    if (!body.ok) return rpcErrorResponse(body.error, id);
    if (lacksScope(principal, body.value)) {
      return rpcErrorResponse(withChallenge(NO_SCOPE, writeChallenge(originsOf(env).main)), id);
    }
    const fleet = new CallingFleet(new WorkerCalls(env, principal, named));
    const plain =
      extension === undefined
        ? plainCall(request.headers, body.value, { fleet, explain })
        : undefined;
    if (plain !== undefined) return await plain;
    const stillAllowed = async () => (await admit(request, env)).ok;
    const requestState = requestStateOf(env, principal);
    const serving = { fleet, explain, stillAllowed, extension, requestState };
    const served = await serveMcp(withBody(request, message.text), body.value, serving);
    return await completeRefusal(served, id);
  } catch (error) {
    return rpcErrorResponse({ status: 500, code: RPC_CODES.internal, message: explain(error) }, id);
  }
}

/** The token origin takes personal tokens, and says nothing of how to get another kind. */
async function admit(
  request: Request,
  env: Env,
  relay?: string,
): Promise<Result<Admitted, RpcRefusal>> {
  const { headers } = request;
  const origins = originsOf(env);
  const token = bearerToken(headers);
  const network = networkOf(clientAddress(request));
  const isMain = addressedBy(headers.get("host") ?? undefined, origins) === "main";
  if (token !== undefined && isPersonal(token)) {
    const personal = await authenticatePersonal(token, env, { network, relay });
    if (personal !== undefined) return ok(personal);
  }
  return isMain && hasOAuth(origins.main)
    ? admitGranted(headers, token, env)
    : err(withChallenge(UNAUTHORIZED, "Bearer"));
}

/** A personal token that comes here is not good; like none, it is told how to get another. */
async function admitGranted(
  headers: Headers,
  token: string | undefined,
  env: Env,
): Promise<Result<Admitted, RpcRefusal>> {
  const isOther = token !== undefined && !isPersonal(token);
  const principal = isOther ? await authenticateGranted(token, env) : undefined;
  // Who has no client has no audience either: there is nothing for the library to look at.
  if (principal !== undefined && principal.client === undefined) return ok({ principal });
  const challenge = await challengeOf(headers, principal, originsOf(env).main);
  if (principal !== undefined && challenge === undefined) return ok({ principal });
  return err(withChallenge(UNAUTHORIZED, challenge ?? "Bearer"));
}

/** A client that can ask its person for more is told so; the holder of a personal token by the tool. */
function lacksScope({ client, scopes }: Principal, body: unknown): boolean {
  return client !== undefined && !allows(scopes, scopeOf(body));
}

function withChallenge(refusal: RpcRefusal, challenge: string): RpcRefusal {
  return { ...refusal, headers: { "www-authenticate": challenge } };
}

/** What a caller is told of a failure that nobody foresaw; the log has the rest. */
function explainBug(error: unknown, { AIMDB_DEV }: Env): string {
  logEvent("error", "mcp_failed", { reason: String(error) });
  const cause = AIMDB_DEV === "1" ? ` ${String(error)}` : "";
  return `The worker failed. Its log has the reason.${cause}`;
}

interface Message {
  readonly text: string;
  readonly id: RpcId;
  readonly body: Result<unknown, RpcRefusal>;
}

async function readMessage(request: Request): Promise<Message> {
  const read = await readBody(request, MAX_BODY_BYTES);
  if (!read.ok) return { text: "", id: null, body: err(TOO_LARGE) };
  const text = read.value;
  const parsed = parse(text);
  const id = parsed.ok ? requestIdOf(parsed.value) : null;
  const broken = brokenBound(text, ENVELOPE_BOUNDS);
  if (broken === undefined) return { text, id, body: parsed };
  const message = `The request has ${broken}.`;
  return { text, id, body: err({ status: 400, code: RPC_CODES.invalidRequest, message }) };
}

/** An empty body, as of a GET, is nothing. */
function parse(text: string): Result<unknown, RpcRefusal> {
  try {
    return ok(text === "" ? undefined : JSON.parse(text));
  } catch {
    return err({ status: 400, code: RPC_CODES.parseError, message: "The body is not JSON." });
  }
}

/** The body was read here, so that it is bounded; the SDK gets it again. */
function withBody(request: Request, body: string): Request {
  return new Request(request.url, { method: request.method, headers: request.headers, body });
}

const MISDIRECTED: RpcRefusal = {
  status: 421,
  code: RPC_CODES.refused,
  message: "This worker does not answer for this host. Its address is its PUBLIC_URL.",
};
const FOREIGN_ORIGIN: RpcRefusal = {
  status: 403,
  code: RPC_CODES.refused,
  message: "Pages of this origin may not call the server.",
};
const TOO_LARGE: RpcRefusal = {
  status: 413,
  code: RPC_CODES.refused,
  message: `A request may have ${MAX_BODY_BYTES} bytes at most.`,
};
const UNAUTHORIZED: RpcRefusal = {
  status: 401,
  code: RPC_CODES.refused,
  message: "Send a valid access token: Authorization: Bearer …",
};
const NO_SCOPE: RpcRefusal = {
  status: 403,
  code: RPC_CODES.refused,
  message: "This client may not write: it needs the scope aimdb:write.",
};
const NOT_ALLOWED: RpcRefusal = {
  status: 405,
  code: RPC_CODES.refused,
  message: "This server has no sessions: POST a request.",
  headers: { allow: "POST, OPTIONS" },
};

/** For clients that run in a page. `*` would not cover Authorization. */
function cors(origin: string | undefined): Record<string, string> {
  if (origin === undefined) return {};
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "POST, OPTIONS",
    "access-control-allow-headers":
      "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id",
    "access-control-expose-headers": "WWW-Authenticate, MCP-Protocol-Version",
    "access-control-max-age": "86400",
    vary: "origin",
  };
}
