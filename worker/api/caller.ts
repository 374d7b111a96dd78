/** Who calls the management API: the operator, a token made for it, or a person on one of our pages. */
import { err, ok, type Result } from "#shared/result.ts";
import { allows, type Scope } from "#shared/scope.ts";
import { scopesOfRole } from "../access/role.ts";
import { isAdmin } from "../auth/admin.ts";
import { authorizePersonal } from "../auth/authenticate.ts";
import { bearerToken } from "../auth/bearer.ts";
import { hashSecret, teamIdOf } from "../auth/secret.ts";
import { directoryOf } from "../directory/stub.ts";
import type { Env } from "../env.ts";
import { senderNetwork } from "../http/client-address.ts";
import type { HttpError } from "../http/error-response.ts";
import { CSRF_FIELD, isOwnForm } from "../session/csrf.ts";
import { readSession, type Session } from "../session/read-session.ts";
import { teamOf } from "../team/stub.ts";

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

/** The caller in the requested team; a team that is not theirs is answered like one that does not exist. */
export async function actIn(
  env: Env,
  caller: Caller,
  teamId: string | undefined,
): Promise<Result<Actor, HttpError>> {
  switch (caller.type) {
    case "operator": {
      const id = teamId ?? (await directoryOf(env).defaultTeam()).id;
      const isThere = (await teamOf(env, id)?.exists()) ?? false;
      if (!isThere) return err(NO_TEAM);
      const scopes = scopesOfRole("owner");
      return ok({ teamId: id, principal: "operator", memberId: null, scopes, isOperator: true });
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

/** A token needs the API's own scope, whatever it may do elsewhere. */
export function lacksAdmin(caller: Caller): boolean {
  return caller.type === "token" && !allows(caller.scopes, "aimdb:admin");
}

export const NO_TEAM: HttpError = {
  status: 404,
  code: "not_found",
  message: "There is no such team.",
};
const WHICH_TEAM: HttpError = {
  status: 400,
  code: "team_required",
  message: "You are in several teams: say which, with ?team=ID.",
};
