/** The teams that a person is in, as the teams themselves say now. */
import type { Role } from "../access/role.ts";
import type { Env } from "../env.ts";
import { readTwice } from "../read-twice.ts";
import { teamOf } from "../team/stub.ts";

export interface Membership {
  readonly teamId: string;
  readonly teamName: string;
  readonly role: Role;
  /** Identifies the person within the team. */
  readonly memberId: string;
  /** The team's version when it stated the rest. */
  readonly rightsVersion: number;
}

/** `teams` are those that the account lists. */
export async function readMemberships(
  env: Pick<Env, "TEAM">,
  { accountId, teams }: { readonly accountId: string; readonly teams: readonly string[] },
): Promise<Membership[]> {
  const memberships = await Promise.all(
    teams.map((teamId) => readMembership(env, { accountId, teamId })),
  );
  return memberships.filter((membership) => membership !== undefined);
}

async function readMembership(
  env: Pick<Env, "TEAM">,
  { accountId, teamId }: { accountId: string; teamId: string },
): Promise<Membership | undefined> {
  const member = await readTwice(async () => teamOf(env, teamId)?.member(accountId));
  if (member === undefined || member === null) return undefined;
  const { id: memberId, teamName, role, rightsVersion } = member;
  return { teamId, teamName, role, memberId, rightsVersion };
}
