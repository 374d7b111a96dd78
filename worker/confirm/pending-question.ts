/** A write that waits for a person of a team, as that person may see it, and who asked for it. */
import { allows } from "#shared/access/scope.ts";
import { scopesOfRole } from "../access/role.ts";
import type { Env } from "../env.ts";
import { toObjectId } from "../object-namespace.ts";
import { readTwice } from "../read-twice.ts";
import type { WriteQuestion } from "../relay/rpc.ts";
import { relayOf } from "../relay/stub.ts";
import { parseCallId } from "../relay/writes/write-report.ts";
import type { Membership } from "../session/memberships.ts";
import type { Session } from "../session/read-session.ts";
import { teamOf } from "../team/stub.ts";

export interface PendingQuestion {
  /** The relay object's id, and the write's id within it. */
  readonly relayId: string;
  readonly id: string;
  readonly membership: Membership;
  readonly question: WriteQuestion;
}

/** Undefined without distinction: it never existed, has expired, is another team's or is not theirs to see. */
export async function findQuestion(
  env: Env,
  { memberships }: Session,
  callId: string,
): Promise<PendingQuestion | undefined> {
  const { relay: relayId, id } = parseCallId(callId);
  if (relayId === undefined || toObjectId(env.RELAY, relayId) === undefined) return undefined;
  for (const membership of memberships) {
    const query = { team: membership.teamId, id };
    const read = () => relayOf(env, relayId).readPending(query);
    const question = await readTwice(read, { call: id });
    if (question === null) continue;
    const isVisible = maySee(membership, question) && question.report.status !== "expired";
    return isVisible ? { relayId, id, membership, question } : undefined;
  }
  return undefined;
}

function maySee({ memberId, role }: Membership, { person }: WriteQuestion): boolean {
  return person === memberId || allows(scopesOfRole(role), "aimdb:write");
}

export interface Asker {
  /** The person's name; undefined for a service. */
  readonly person: string | undefined;
  /** The client's name for itself, or the label of the token. */
  readonly client: string | undefined;
  /** The host that an OAuth client is answered at: the only part of it that is verified. */
  readonly clientHost: string | undefined;
}

export async function readAsker(
  env: Pick<Env, "TEAM">,
  { membership, question }: PendingQuestion,
): Promise<Asker> {
  const { person, credential } = question;
  const read = <T>(ask: (team: NonNullable<ReturnType<typeof teamOf>>) => Promise<T>) =>
    readTwice(async () => {
      const team = teamOf(env, membership.teamId);
      return team === undefined ? undefined : ask(team);
    });
  const [members = [], grant, tokens = []] = await Promise.all([
    read((team) => team.members()),
    person === null || credential === null ? null : read((team) => team.grant(credential, person)),
    read((team) => team.accessTokens(null, Date.now())),
  ]);
  const token = tokens.find(({ id }) => id === credential);
  return {
    person: members.find(({ id }) => id === person)?.displayName,
    client: grant?.clientName ?? token?.label,
    clientHost: grant?.redirectHost,
  };
}
