/** `GET /api/v1/events`: who may open a stream, and with what it is fed. */
import { MALFORMED } from "#shared/desk/desk-call.ts";
import type { Failure } from "#shared/failure.ts";
import { parseInstanceId } from "#shared/instance-id.ts";
import { METHODS, type Params } from "#shared/link/method.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { safeParse } from "#shared/safe-parse.ts";
import { allows } from "#shared/scope.ts";
import { insufficientScope, NOTHING } from "../api/route.ts";
import type { Principal } from "../auth/principal.ts";
import { randomHex } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { errorResponse, type HttpError } from "../http/error-response.ts";
import { logEvent } from "../log.ts";
import { admit, readmitted } from "../mcp/admit.ts";
import { WorkerCalls } from "../mcp/worker-calls.ts";
import { readTwice } from "../read-twice.ts";
import { teamOf } from "../team/stub.ts";
import { readEventsQuery, type EventsAsked } from "./event-query.ts";
import { EventStream } from "./event-stream.ts";
import type { Answered } from "./follow-instance.ts";

/** Beside the wait itself, for the relay to answer. */
const MARGIN_MS = 5_000;

export interface StreamClock {
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

const CLOCK: StreamClock = { nowMs: Date.now, wait: (ms) => scheduler.wait(ms) };

export async function handleEvents(
  request: Request,
  env: Env,
  clock: StreamClock = CLOCK,
): Promise<Response> {
  const principal = await readPrincipal(request, env);
  if (!principal.ok) return errorResponse(principal.error);
  const { searchParams } = new URL(request.url);
  const asked = readEventsQuery(searchParams, request.headers.get("last-event-id"));
  if (!asked.ok) {
    return errorResponse({ status: 400, code: "invalid_input", message: asked.error });
  }
  if (!(await areThere(env, principal.value, asked.value))) return errorResponse(NOTHING);
  const renew = () => readmitted(request, env);
  const calls = new WorkerCalls(env, principal.value, renew);
  const stream = new EventStream({
    asked: asked.value,
    stream: randomHex(8),
    ask: (instance, params) => watch(calls, instance, params),
    stillAllowed: async () => isReader(await renew()),
    log: (error) => logEvent("error", "event_stream_failed", { reason: String(error) }),
    ...clock,
  });
  return new Response(stream.open(), { headers: STREAM_HEADERS });
}

/** Whoever compresses a stream, or keeps a part of it, holds it back. */
const STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store, no-transform",
  "x-content-type-options": "nosniff",
};

/** Who lacks the scope may have got it since. */
async function readPrincipal(request: Request, env: Env): Promise<Result<Principal, HttpError>> {
  const admitted = await admit(request, env);
  if (!admitted.ok) return err(UNAUTHORIZED);
  if (isReader(admitted.value)) return ok(admitted.value);
  const principal = await readmitted(request, env);
  if (principal === undefined) return err(UNAUTHORIZED);
  return isReader(principal) ? ok(principal) : err(insufficientScope("aimdb:read"));
}

function isReader(principal: Principal | undefined): boolean {
  return principal !== undefined && allows(principal.scopes, "aimdb:read");
}

/** Names resolve in the caller's own team, so that another team's relay is one that is not there. */
async function areThere(env: Env, { team }: Principal, { records }: EventsAsked): Promise<boolean> {
  const names = new Set(records.map(({ instance }) => parseInstanceId(instance)?.relay ?? ""));
  if (names.size === 0) return true;
  const relays = (await readTwice(async () => teamOf(env, team)?.relays())) ?? [];
  const known = new Set(relays.map(({ name }) => name));
  return [...names].every((name) => known.has(name));
}

async function watch(
  calls: WorkerCalls,
  instance: string,
  params: Params<"samples.watch">,
): Promise<Result<Answered, Failure>> {
  const deadlineMs = params.wait_ms + MARGIN_MS;
  const answer = await calls.call({ instance, method: "samples.watch", params, deadlineMs });
  if (!answer.ok) return answer;
  const { value, sessionStartedAtMs } = answer.value;
  const watched = safeParse(METHODS["samples.watch"].result, value);
  return watched.success ? ok({ watched: watched.data, sessionStartedAtMs }) : err(MALFORMED);
}

const UNAUTHORIZED: HttpError = {
  status: 401,
  code: "unauthorized",
  message: "Send an access token with aimdb:read: Authorization: Bearer …",
};
