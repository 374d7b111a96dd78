/**
 * `/mcp`: checks a request before MCP sees it. In this order: origin, size, token, method, media type, form. The
 * token comes before the method: some clients send a GET to find out that one is needed.
 */
import { CallingFleet } from "#shared/fleet/calling-fleet.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { allows } from "#shared/access/scope.ts";
import { parseListen } from "#shared/mcp/resources/listen-request.ts";
import { asksForProgress, scopeOf, waits } from "#shared/mcp/serving/server.ts";
import { callNoter, noteRefusal } from "../activity/note-call.ts";
import type { Principal } from "../auth/principal.ts";
import { TooManyTriesError } from "../auth/too-many-tries-error.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { writeChallenge } from "../oauth/endpoints/protect.ts";
import { isNewerState, NEWER_STATE } from "../storage/newer-state.ts";
import { newCause } from "../relay/calls/call-id.ts";
import { isAllowedOrigin, originsOf } from "../origins.ts";
import { spansOf } from "../trace/isolate-spans.ts";
import { beginToolTrace } from "../trace/tool-trace.ts";
import { admit, readmitted, withChallenge } from "./request/admit.ts";
import {
  callerLimits,
  callerLimitsOf,
  DEFAULT_CALLS_IN_FLIGHT,
  untilAnswered,
  type Excess,
} from "./caller/caller-limits.ts";
import { Caller } from "./caller/caller-gone.ts";
import type { McpExtension } from "./serving/extension.ts";
import { inBeats } from "./caller/in-beats.ts";
import {
  completeRefusal,
  RPC_CODES,
  rpcErrorResponse,
  type RpcId,
  type RpcRefusal,
} from "./request/json-rpc-error.ts";
import { plainCall } from "./serving/plain-call.ts";
import { CHANGED, readMessage, TOO_LARGE, type Message } from "./request/read-message.ts";
import { requestStateOf } from "./serving/request-state.ts";
import { serveMcp } from "./serving/serve-mcp.ts";
import { WorkerCalls } from "./calls/worker-calls.ts";

/** Per principal. */
const MAX_STREAMS = 10;

export async function handleMcp(
  request: Request,
  env: Env,
  extension?: McpExtension,
): Promise<Response> {
  const origin = request.headers.get("origin") ?? undefined;
  const isAllowed = isAllowedOrigin(origin, originsOf(env));
  const message = await readMessage(request, async () => isAllowed && mayCall(request, env));
  if (!isAllowed) return rpcErrorResponse(FOREIGN_ORIGIN, message.id);
  if (request.method === "OPTIONS")
    return new Response(null, { status: 204, headers: cors(origin) });
  const response = await answer(request, message, { env, extension });
  for (const [name, value] of Object.entries(cors(origin))) response.headers.set(name, value);
  // Keeps proxies from compressing or buffering a stream, which would hold it back.
  response.headers.set("cache-control", "no-store, no-transform");
  return response;
}

/** False if the check itself fails: the answer then gives the reason. */
async function mayCall(request: Request, env: Env): Promise<boolean> {
  try {
    return (await admit(request, env)).ok;
  } catch {
    return false;
  }
}

/** For a request to a host this Worker does not answer for. */
export async function refuseMisdirected(request: Request): Promise<Response> {
  const { id } = await readMessage(request, () => Promise.resolve(false));
  return rpcErrorResponse(MISDIRECTED, id);
}

interface Build {
  readonly env: Env;
  readonly extension: McpExtension | undefined;
}

async function answer(request: Request, message: Message, build: Build): Promise<Response> {
  const { id, body } = message;
  const { env } = build;
  if (!body.ok && body.error === TOO_LARGE) return rpcErrorResponse(TOO_LARGE, id);
  const cause = newCause();
  const explain = (error: unknown) => explainBug(error, { env, cause });
  const fail = (error: unknown) => rpcErrorResponse(failed(error, explain), id);
  try {
    const caller = await admit(request, env);
    if (!caller.ok) return rpcErrorResponse(caller.error, id);
    if (request.method !== "POST") return rpcErrorResponse(NOT_ALLOWED, id);
    if (!body.ok) return rpcErrorResponse(body.error, id);
    if (Array.isArray(body.value) && !mayBatch(request, body.value)) {
      return rpcErrorResponse(NO_BATCH, id);
    }
    const readmit = () => readmitted(request, env);
    const scoped = await withScope(caller.value, { body: body.value, env, readmit });
    if (!scoped.ok) {
      noteRefusal(caller.value, { body: body.value, code: "insufficient_scope" });
      return rpcErrorResponse(scoped.error, id);
    }
    const trace = beginToolTrace(body.value, spansOf(env));
    const principal = { ...scoped.value, cause, trace };
    const isListen = parseListen(body.value) !== undefined;
    const begun = beginCall(principal, { body: body.value, isListen }, env);
    if (!begun.ok) {
      noteRefusal(principal, { body: body.value, code: "rate_limited" });
      return rpcErrorResponse(tooMuch(begun.error), id);
    }
    const asked = { id, text: message.text, body: body.value, principal, readmit, explain };
    const handling = beginServing(request, { ...asked, isListen, free: begun.value }, build);
    return await (comesWhole(body.value) ? inBeats(handling, fail) : handling);
  } catch (error) {
    return fail(error);
  }
}

/** Logs it, whatever it is, but for what anybody can bring about. */
function failed(error: unknown, explain: (error: unknown) => string): RpcRefusal {
  if (error instanceof TooManyTriesError) return tooManyTries(error);
  const message = explain(error);
  return isNewerState(error) ? NEWER : { status: 500, code: RPC_CODES.internal, message };
}

/** A message whose sender may call. */
interface Admitted {
  readonly id: RpcId;
  readonly text: string;
  readonly body: unknown;
  readonly principal: Principal;
  readonly readmit: () => Promise<Principal | undefined>;
  readonly explain: (error: unknown) => string;
}

interface Begun extends Admitted {
  readonly isListen: boolean;
  /** Frees its place. */
  readonly free: () => void;
}

function beginServing(
  request: Request,
  { isListen, free, ...asked }: Begun,
  build: Build,
): Promise<Response> {
  const { body, principal, readmit } = asked;
  const caller = new Caller(request);
  const end = () => {
    caller.stop();
    free();
  };
  const isRead = () => scopeOf(body) === "aimdb:read";
  const listen = () => caller.listen({ calls, handling, isRead, end });
  const calls = new WorkerCalls(build.env, principal, readmit, listen);
  const handling = untilAnswered(end, () => serve(request, { ...asked, calls }, build));
  caller.hold(handling);
  if (isListen || waits(body)) listen();
  return handling;
}

/** A call that may wait long is answered in beats, unless it asks for progress: then it gets a stream. */
function comesWhole(body: unknown): boolean {
  return waits(body) && !asksForProgress(body);
}

interface Served extends Admitted {
  readonly calls: WorkerCalls;
}

async function serve(
  request: Request,
  { id, text, body, principal, calls, readmit, explain }: Served,
  { env, extension }: Build,
): Promise<Response> {
  const fleet = new CallingFleet(calls);
  const onCall = callNoter(env, { principal, calls });
  const plain =
    extension === undefined
      ? plainCall(request.headers, body, { fleet, explain, onCall })
      : undefined;
  const stillAllowed = async () => (await readmit()) !== undefined;
  const requestState = requestStateOf(env, principal);
  const serving = { fleet, explain, onCall, stillAllowed, extension, requestState };
  const served = await (plain ?? serveMcp(withBody(request, text), body, serving));
  if (calls.isTurnedAway) return refuseAnew(request, env, id);
  return plain === undefined ? completeRefusal(served, id) : served;
}

/**
 * A stream of changes stays open for minutes and has a limit of its own, so that calls keep their room beside it.
 */
function beginCall(
  { team, id }: Principal,
  { body, isListen }: { readonly body: unknown; readonly isListen: boolean },
  env: Env,
): Result<() => void, Excess> {
  const limits = callerLimitsOf(env);
  const calls = Array.isArray(body) ? Math.max(1, body.length) : 1;
  return isListen
    ? callerLimits.begin(`listen ${team} ${id}`, { ...limits, inFlight: MAX_STREAMS }, Date.now())
    : callerLimits.begin(`call ${team} ${id}`, limits, Date.now(), calls);
}

function tooManyTries({ message, retryAfterS }: TooManyTriesError): RpcRefusal {
  const headers = { "retry-after": String(retryAfterS) };
  return { status: 429, code: RPC_CODES.refused, message, headers };
}

function tooMuch({ what, retryAfterS }: Excess): RpcRefusal {
  const limit =
    what === "in_flight"
      ? "This caller has too many calls under way."
      : "This caller asks too often.";
  return {
    status: 429,
    code: RPC_CODES.refused,
    message: `${limit} Nothing was done. Ask again in ${retryAfterS} s.`,
    headers: { "retry-after": String(retryAfterS) },
  };
}

interface Asked {
  readonly body: unknown;
  readonly env: Env;
  readonly readmit: () => Promise<Principal | undefined>;
}

/**
 * A caller that lacks the scope may have received it since. A client that can ask its person for more is told so
 * here; the holder of a personal token by the tool.
 */
async function withScope(
  known: Principal,
  { body, env, readmit }: Asked,
): Promise<Result<Principal, RpcRefusal>> {
  const needed = scopeOf(body);
  if (allows(known.scopes, needed)) return ok(known);
  const principal = (await readmit()) ?? known;
  return principal.client === undefined || allows(principal.scopes, needed)
    ? ok(principal)
    : err(withChallenge(NO_SCOPE, writeChallenge(originsOf(env).main)));
}

/** The token was valid a while ago, and now its team rejects it. */
async function refuseAnew(request: Request, env: Env, id: RpcId): Promise<Response> {
  const admitted = await admit(request, env);
  return rpcErrorResponse(admitted.ok ? CHANGED : admitted.error, id);
}

/** What a caller is told of an unforeseen failure; the log has the rest, under the call's id. */
function explainBug(error: unknown, { env, cause }: { env: Env; cause: string }): string {
  logEvent("error", "mcp_failed", { call: cause, reason: String(error) });
  const detail = env.AIMDB_DEV === "1" ? ` ${String(error)}` : "";
  return `The worker failed. Its log has the reason, under call ${cause}.${detail}`;
}

/** The body was read here, so that it is bounded; the SDK gets it again. */
function withBody(request: Request, body: string): Request {
  return new Request(request.url, { method: request.method, headers: request.headers, body });
}

/**
 * Only revision 2025-03-26 has batches (MCP changelog of 2025-06-18); a request that names no version may use it.
 * At most as many messages as one caller may have in flight.
 */
function mayBatch({ headers }: Request, batch: readonly unknown[]): boolean {
  const version = headers.get("mcp-protocol-version") ?? BATCHED_VERSION;
  return version === BATCHED_VERSION && batch.length <= DEFAULT_CALLS_IN_FLIGHT;
}
const BATCHED_VERSION = "2025-03-26";

const NEWER: RpcRefusal = { status: 503, code: RPC_CODES.internal, message: NEWER_STATE };
const NO_BATCH: RpcRefusal = {
  status: 400,
  code: RPC_CODES.invalidRequest,
  message: `Only MCP ${BATCHED_VERSION} has batches, here of ${DEFAULT_CALLS_IN_FLIGHT} messages at most. Send one message at a time.`,
};
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
    "access-control-expose-headers": "WWW-Authenticate, Retry-After, MCP-Protocol-Version",
    "access-control-max-age": "86400",
    vary: "origin",
  };
}
