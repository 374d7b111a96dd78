/** Who calls the management API: the operator, a token made for it, or a person on one of our pages. */
import { err, ok, type Result } from "#shared/result.ts";
import { allows, type Scope } from "#shared/access/scope.ts";
import { scopesOfRole } from "../access/role.ts";
import { isAdmin } from "../auth/admin.ts";
import { authorizePersonal } from "../auth/authenticate.ts";
import { bearerToken } from "../auth/bearer.ts";
import { hashSecret, teamIdOf } from "../auth/secret.ts";
import { isTeamThere, liveTeams } from "../directory/live-teams.ts";
import type { TeamRef } from "../directory/rpc.ts";
import { directoryOf } from "../directory/stub.ts";
import type { Env } from "../env.ts";
import { senderNetwork } from "../http/client-address.ts";
import type { HttpError } from "../http/answer/error-response.ts";
import { CSRF_FIELD, isOwnForm } from "../session/csrf.ts";
import { readSession, type Session } from "../session/read-session.ts";

export type Caller =
  | { readonly type: "operator" }
  | {
      readonly type: "token";
      readonly teamId: string;
      /** The member, or the token of a service. */
      readonly principal: string;
      /** Null for a service. */
      readonly memberId: string | null;
      readonly scopes: readonly Scope[];
    }
  | { readonly type: "person"; readonly session: Session };

/** A caller in one team, with the scopes it has there. */
export interface Actor {
  readonly teamId: string;
  /** As the team's log names the caller. */
  readonly principal: string;
  readonly memberId: string | null;
  readonly scopes: readonly Scope[];
  readonly isOperator: boolean;
}

export const CSRF_HEADER = "x-csrf-token";

/** Undefined for an unknown caller. */
export async function readCaller(request: Request, env: Env): Promise<Caller | undefined> {
  const token = bearerToken(request.headers);
  if (token === undefined) {
    if (request.headers.has("authorization")) return undefined;
    const session = await readSession(request, env);
    return session === undefined ? undefined : { type: "person", session };
  }
  if (await isAdmin(token, env)) return { type: "operator" };
  const teamId = teamIdOf("pat", token);
  if (teamId === undefined) return undefined;
  const hash = await hashSecret(token);
  const network = senderNetwork(request, env);
  const found = await authorizePersonal(hash, env, { team: teamId, network });
  if (found === undefined) return undefined;
  const memberId = found.principal === found.id ? null : found.principal;
  const { principal, scopes } = found;
  return { type: "token", teamId, principal, memberId, scopes };
}

/** A cookie is sent with any request that another page causes; a custom header is not. */
export function isForged(request: Request, caller: Caller, env: Env): boolean {
  if (caller.type !== "person" || request.method === "GET") return false;
  const form = { [CSRF_FIELD]: request.headers.get(CSRF_HEADER) };
  return !isOwnForm(request, env, { csrfToken: caller.session.csrfToken, form });
}

export interface Asked {
  readonly teamId: string | undefined;
  /** What is asked is about no single team. */
  readonly isOfNoTeam: boolean;
  /** It puts something into a team: where there is none yet, the first one is made for it. */
  readonly isForFirstTeam: boolean;
}

/** The caller in the requested team; a team that is not theirs is answered like one that does not exist. */
export async function actIn(
  env: Env,
  caller: Caller,
  { teamId, ...asked }: Asked,
): Promise<Result<Actor, HttpError>> {
  switch (caller.type) {
    case "operator": {
      const found = await teamOfOperator(env, teamId, asked);
      if (!found.ok) return found;
      const scopes = scopesOfRole("owner");
      const operator = { principal: "operator", memberId: null, scopes, isOperator: true } as const;
      return ok({ teamId: found.value, ...operator });
    }
    case "token": {
      if (teamId !== undefined && teamId !== caller.teamId) return err(NO_TEAM);
      const { principal, memberId, scopes } = caller;
      return ok({ teamId: caller.teamId, principal, memberId, scopes, isOperator: false });
    }
    case "person":
      return actAsPerson(caller.session, teamId);
  }
}

/** Never a guess among several: the operator may do anything in any of them. */
async function teamOfOperator(
  env: Env,
  teamId: string | undefined,
  { isOfNoTeam, isForFirstTeam }: Omit<Asked, "teamId">,
): Promise<Result<string, HttpError>> {
  if (teamId !== undefined) {
    return (await isTeamThere(env, teamId)) ? ok(teamId) : err(NO_TEAM);
  }
  // Nothing is ever stored under this one.
  if (isOfNoTeam) return ok(env.TEAM.newUniqueId().toString());
  const teams = await liveTeams(env);
  if (teams.length > 1) return err(whichTeam(teams));
  const only = teams[0] ?? (isForFirstTeam ? await directoryOf(env).defaultTeam() : undefined);
  return only === undefined ? err(NO_TEAM_YET) : ok(only.id);
}

function actAsPerson(
  { memberships }: Session,
  teamId: string | undefined,
): Result<Actor, HttpError> {
  if (teamId === undefined && memberships.length > 1) return err(WHICH_TEAM);
  const membership =
    teamId === undefined ? memberships[0] : memberships.find((one) => one.teamId === teamId);
  if (membership === undefined) return err(NO_TEAM);
  const { memberId, role } = membership;
  const scopes = scopesOfRole(role);
  const { teamId: team } = membership;
  return ok({ teamId: team, principal: memberId, memberId, scopes, isOperator: false });
}

/** The member whose own things are all that the caller sees; null for one who sees all of the team's. */
export function ownOnly({ scopes, memberId }: Actor): string | null {
  return allows(scopes, "aimdb:admin") ? null : memberId;
}

/** A token needs the API's own scope, whatever it may do elsewhere. */
export function lacksAdmin(caller: Caller): boolean {
  return caller.type === "token" && !allows(caller.scopes, "aimdb:admin");
}

export const NO_TEAM: HttpError = {
  status: 404,
  code: "not_found",
  message: "There is no such team.",
};
const NO_TEAM_YET: HttpError = {
  status: 404,
  code: "not_found",
  message:
    "There is no team. Make one: npm run admin -- team create --name NAME, or POST /api/v1/teams.",
};
const MAX_TEAMS_NAMED = 20;

function whichTeam(teams: readonly TeamRef[]): HttpError {
  const named = teams.slice(0, MAX_TEAMS_NAMED).map(({ id, name }) => `${id} (${name})`);
  const rest = teams.length - named.length;
  const list = [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  return {
    status: 400,
    code: "team_required",
    message: `There are several teams: say which, with team (npm run admin: --team ID). Nothing was done. The teams are ${list}.`,
  };
}

const WHICH_TEAM: HttpError = {
  status: 400,
  code: "team_required",
  message: "You are in several teams: say which, with ?team=ID.",
};
