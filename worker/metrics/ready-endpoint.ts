/** `GET /ready`: whether storage answers right now. `/health` only says that the Worker runs. */
import { after, within } from "../after.ts";
import { mayScrape } from "../auth/admin.ts";
import { bearerToken } from "../auth/bearer.ts";
import { directoryOf } from "../directory/stub.ts";
import type { Env } from "../env.ts";
import { errorResponse, type HttpError } from "../http/answer/error-response.ts";
import { logEvent } from "../log.ts";
import { isNewerState, NEWER_STATE } from "../storage/newer-state.ts";

/** Probes give up after a second or a few. */
const TIMEOUT_MS = 2_000;

export async function handleReady(request: Request, env: Env, timer = after): Promise<Response> {
  if (!(await mayScrape(bearerToken(request.headers), env))) return errorResponse(UNAUTHORIZED);
  const startedAtMs = Date.now();
  const problem = await storageProblem(env, timer);
  if (problem !== undefined) return errorResponse({ ...NOT_READY, message: problem });
  const storage_ms = Date.now() - startedAtMs;
  return Response.json(
    { status: "ready", storage_ms },
    { headers: { "cache-control": "no-store" } },
  );
}

/** An object answers only once its writes are on disk. Undefined if all is well. */
async function storageProblem(env: Env, timer: typeof after): Promise<string | undefined> {
  try {
    const probed = directoryOf(env).probeStorage(Date.now());
    const isThere = await within(TIMEOUT_MS, probed, timer);
    if (isThere === undefined) {
      logEvent("error", "storage_unavailable", { reason: `no answer within ${TIMEOUT_MS} ms` });
    }
    return isThere === true ? undefined : NO_ANSWER;
  } catch (error) {
    logEvent("error", "storage_unavailable", { reason: String(error) });
    return isNewerState(error) ? NEWER_STATE : NO_ANSWER;
  }
}

const UNAUTHORIZED: HttpError = {
  status: 401,
  code: "unauthorized",
  message: "Send METRICS_TOKEN or the admin token: Authorization: Bearer …",
};
const NOT_READY = { status: 503, code: "not_ready" } as const;
const NO_ANSWER = "Storage did not answer. The Worker's log has the reason.";
