/** A change to a person's account, logged in each of their teams before it is made and after. */
import type { Result } from "#shared/result.ts";
import { logged } from "../api/logged.ts";
import type { Env } from "../env.ts";
import type { HttpError } from "../http/answer/error-response.ts";
import type { Membership } from "../session/memberships.ts";
import { teamOf } from "../team/stub.ts";

export interface AccountChange {
  readonly action: "password.change" | "password_link.create" | "password_link.use";
  readonly memberships: readonly Pick<Membership, "teamId" | "memberId">[];
  /** Absent: the person themselves. */
  readonly principal?: "operator";
}

/** If one of the logs can't be written, nothing is changed. Nothing about a password is logged, not even a hash. */
export function loggedInTeams<T>(
  env: Pick<Env, "TEAM">,
  { action, memberships, principal }: AccountChange,
  change: () => Promise<Result<T, HttpError>>,
): Promise<Result<T, HttpError>> {
  const nowMs = Date.now();
  const run = memberships.reduce((inner, { teamId, memberId }) => {
    const team = teamOf(env, teamId);
    if (team === undefined) return inner;
    const about = { principal: principal ?? memberId, action, target: memberId, body: {}, nowMs };
    return () => logged({ team, ...about }, inner);
  }, change);
  return run();
}
