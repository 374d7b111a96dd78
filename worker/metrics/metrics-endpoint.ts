/** `GET /metrics`: the whole installation for its operator, one team for an owner's token. */
import { EXPOSITION_TYPE, toExposition } from "#shared/metrics/exposition.ts";
import { within } from "../after.ts";
import { lacksAdmin, readCaller } from "../api/caller.ts";
import { insufficientScope } from "../api/route.ts";
import { mayScrape } from "../auth/admin.ts";
import { bearerToken } from "../auth/bearer.ts";
import { directoryOf } from "../directory/stub.ts";
import type { Env } from "../env.ts";
import { errorResponse, type HttpError } from "../http/answer/error-response.ts";
import { logEvent } from "../log.ts";
import { teamOf } from "../team/stub.ts";
import { WORKER_VERSION } from "../version.ts";
import { teamMetrics, type MeasuredTeam } from "./team-metrics.ts";

/** The platform lets one request ask 1 000 objects (Free plan). */
const MAX_TEAMS = 200;

/** A scraper waits ten seconds by default. */
const TEAM_TIMEOUT_MS = 5_000;

export async function handleMetrics(request: Request, env: Env): Promise<Response> {
  const teams = await teamsFor(request, env);
  if ("code" in teams) return errorResponse(teams);
  const measured = await Promise.all(teams.slice(0, MAX_TEAMS).map((team) => measure(team, env)));
  const scrape = {
    version: WORKER_VERSION,
    teamCount: teams.length - measured.filter((team) => team === null).length,
    teams: measured.filter((team) => team !== undefined && team !== null),
  };
  const headers = { "content-type": EXPOSITION_TYPE, "cache-control": "no-store" };
  return new Response(toExposition(teamMetrics(scrape)), { headers });
}

async function teamsFor(request: Request, env: Env): Promise<readonly string[] | HttpError> {
  const token = bearerToken(request.headers);
  if (await mayScrape(token, env)) return (await directoryOf(env).teams()).map(({ id }) => id);
  const caller = token === undefined ? undefined : await readCaller(request, env);
  if (caller?.type !== "token") return UNAUTHORIZED;
  return lacksAdmin(caller) ? insufficientScope("aimdb:admin") : [caller.teamId];
}

/** A team that can't be asked is counted as unread, and does not hide the others. Null: there is no such team. */
async function measure(team: string, env: Env): Promise<MeasuredTeam | undefined | null> {
  const asked = teamOf(env, team)?.numbers() ?? Promise.resolve(null);
  try {
    const numbers = await within(TEAM_TIMEOUT_MS, asked);
    return numbers && { team, numbers };
  } catch (error) {
    logEvent("error", "team_not_measured", { team, reason: String(error) });
    return undefined;
  }
}

const UNAUTHORIZED: HttpError = {
  status: 401,
  code: "unauthorized",
  message:
    "Send METRICS_TOKEN, the admin token, or an access token with aimdb:admin: Authorization: Bearer …",
};
