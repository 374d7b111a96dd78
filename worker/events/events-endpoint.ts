/** `GET /api/v1/events`: who may open a stream, and where its events come from. */
import { waitUntil } from "cloudflare:workers";
import { parseInstanceId } from "#shared/instance-id.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { noteOpenedEvents } from "../activity/note-call.ts";
import { insufficientScope, NOTHING } from "../api/route.ts";
import type { Principal } from "../auth/principal.ts";
import { randomHex } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { errorResponse, type HttpError } from "../http/answer/error-response.ts";
import { logEvent } from "../log.ts";
import { admit, readmitted } from "../mcp/request/admit.ts";
import { newCause } from "../relay/calls/call-id.ts";
import { readTwice } from "../read-twice.ts";
import { teamOf } from "../team/stub.ts";
import { readEventsQuery, type EventsAsked } from "./event-query.ts";
import { EventStream } from "./event-stream.ts";
import { isReader, Listening } from "./listening.ts";
import { parsePosition } from "./position.ts";

export async function handleEvents(request: Request, env: Env): Promise<Response> {
  const principal = await readPrincipal(request, env);
  if (!principal.ok) return errorResponse(principal.error);
  const { searchParams } = new URL(request.url);
  const asked = readEventsQuery(searchParams, request.headers.get("last-event-id"));
  if (!asked.ok) {
    return errorResponse({ status: 400, code: "invalid_input", message: asked.error });
  }
  if (!(await areThere(env, principal.value, asked.value))) return errorResponse(NOTHING);
  // What the stream asks devices can be found by the call id of its line in the log.
  const asking = { ...principal.value, cause: newCause() };
  return openStream(request, env, { asked: asked.value, principal: asking });
}

async function openStream(
  request: Request,
  env: Env,
  { asked, principal }: { asked: EventsAsked; principal: Principal },
): Promise<Response> {
  const { lastEventId } = asked;
  const resumed = lastEventId === undefined ? undefined : parsePosition(lastEventId, asked);
  const stream = randomHex(8);
  const readmit = () => readmitted(request, env);
  const listening = new Listening({ env, principal, stream, readmit });
  const opened = await listening.open(resumed?.stream ?? null, resumed?.presence ?? null);
  if (opened.type === "outdated") return errorResponse(UNAUTHORIZED);
  if (opened.type === "too_many") return later(TOO_MANY_STREAMS, opened.retryAfterS);
  const notNoted = await noteOpenedEvents(listening.principal, asked);
  if (notNoted !== undefined) {
    await listening.leave();
    return later({ status: 503, ...notNoted }, notNoted.details?.retry_after_s);
  }
  const open = new EventStream({
    asked,
    stream,
    resumed,
    heard: opened.heard,
    hear: (after, waitMs) => listening.hear(after, waitMs),
    ask: (instance, params) => listening.watch(instance, params),
    stillAllowed: () => listening.stillAllowed(),
    onSent: (bytes) => listening.sent(bytes),
    onOver: () => waitUntil(listening.leave()),
    log: (error) => logEvent("error", "event_stream_failed", { reason: String(error) }),
    nowMs: Date.now,
    wait: (ms) => scheduler.wait(ms),
  });
  // Behind a proxy, workerd reports the reader's end by this signal only, not by the stream.
  request.signal.addEventListener("abort", () => open.leave());
  return new Response(open.open(), { headers: STREAM_HEADERS });
}

function later(error: HttpError, retryAfterS = 1): Response {
  return errorResponse({ ...error, retryAfterS });
}

/** Keeps proxies from compressing or buffering the stream, which would hold it back. */
const STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store, no-transform",
  "x-content-type-options": "nosniff",
};

/** A caller that lacks the scope may have received it since. */
async function readPrincipal(request: Request, env: Env): Promise<Result<Principal, HttpError>> {
  const admitted = await admit(request, env);
  if (!admitted.ok) return err(UNAUTHORIZED);
  if (isReader(admitted.value)) return ok(admitted.value);
  const principal = await readmitted(request, env);
  if (principal === undefined) return err(UNAUTHORIZED);
  return isReader(principal) ? ok(principal) : err(insufficientScope("aimdb:read"));
}

/** Names resolve in the caller's own team, so another team's relay does not exist here. */
async function areThere(env: Env, { team }: Principal, { records }: EventsAsked): Promise<boolean> {
  const names = new Set(records.map(({ instance }) => parseInstanceId(instance)?.relay ?? ""));
  if (names.size === 0) return true;
  const relays = (await readTwice(async () => teamOf(env, team)?.relays())) ?? [];
  const known = new Set(relays.map(({ name }) => name));
  return [...names].every((name) => known.has(name));
}

const UNAUTHORIZED: HttpError = {
  status: 401,
  code: "unauthorized",
  message: "Send an access token with aimdb:read: Authorization: Bearer …",
};
const TOO_MANY_STREAMS: HttpError = {
  status: 429,
  code: "too_many_streams",
  message: "Too many event streams are open. Close one, or wait.",
};
