/** What `/team` lists: everything for an owner, their own for others, as in the API. */
import { allows } from "#shared/access/scope.ts";
import { scopesOfRole } from "../access/role.ts";
import type { RelayPolicy } from "../access/relay-policy.ts";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { listGrants, type ListedGrants } from "../oauth/grants/list-grants.ts";
import type {
  AccessTokenView,
  InvitationView,
  JoinTokenView,
  MemberView,
  RelayView,
} from "../team/rpc.ts";
import { teamOf } from "../team/stub.ts";

export interface TeamContents {
  readonly members: readonly MemberView[];
  readonly relays: readonly RelayView[];
  readonly relayPolicy: RelayPolicy | null;
  readonly clients: ListedGrants;
  readonly accessTokens: readonly AccessTokenView[];
  /** Empty for anybody but an owner. */
  readonly invitations: readonly InvitationView[];
  readonly joinTokens: readonly JoinTokenView[];
}

export async function readTeamContents(
  { env, membership }: OpenedPage,
  clientsAfter: string | undefined,
  nowMs: number,
): Promise<TeamContents> {
  const team = teamOf(env, membership.teamId);
  if (team === undefined) throw new Error("A membership names no team");
  const isOwner = allows(scopesOfRole(membership.role), "aimdb:admin");
  const whose = isOwner ? null : membership.memberId;
  const [members, relays, relayPolicy, clients, accessTokens, invitations, joinTokens] =
    await Promise.all([
      team.members(),
      team.relayViews(),
      team.relayPolicy(),
      listGrants(team, whose, clientsAfter),
      team.accessTokens(whose, nowMs),
      isOwner ? team.invitations(nowMs) : [],
      isOwner ? team.joinTokens(nowMs) : [],
    ]);
  return { members, relays, relayPolicy, clients, accessTokens, invitations, joinTokens };
}
