/** Accepting an invitation: the person becomes a member, with an account if they had none. */
import { err, ok, type Result } from "#shared/result.ts";
import { accountOf } from "../account/stub.ts";
import { failedTries } from "../auth/failed-tries.ts";
import { hashSecret, teamIdOf } from "../auth/secret.ts";
import { directoryOf } from "../directory/stub.ts";
import type { Identity } from "../directory/rpc.ts";
import type { Env } from "../env.ts";
import { senderNetwork } from "../http/client-address.ts";
import { logEvent } from "../log.ts";
import type { Acceptance, OpenInvitation } from "../team/rpc.ts";
import { teamOf } from "../team/stub.ts";

export interface Invitation extends OpenInvitation {
  readonly teamId: string;
  readonly hash: string;
}

/** Undefined for a link that is unknown, expired, used or revoked, so that they can't be told apart. */
export async function findInvitation(
  env: Pick<Env, "TEAM" | "TRUSTED_PROXIES">,
  request: Request,
  token: string,
): Promise<Invitation | undefined> {
  const teamId = teamIdOf("invite", token);
  const team = teamId === undefined ? undefined : teamOf(env, teamId);
  if (teamId === undefined || team === undefined) return undefined;
  const hash = await hashSecret(token);
  const found = await failedTries.ask(
    { at: teamId, from: senderNetwork(request, env), as: hash, isWhole: true },
    () => team.openInvitation(hash, Date.now()),
    (answer) => answer === null,
  );
  return found === null ? undefined : { ...found, teamId, hash };
}

export type AcceptRefusal =
  | Extract<Acceptance, { ok: false }>["reason"]
  /** The address, or the identity, already has an account. */
  | "taken"
  | "too_many_teams";

export interface Joining {
  readonly accountId: string;
  readonly email: string;
  readonly displayName: string;
}

/** The account is told of the team first: should the second half fail, the team has no new member. */
export async function joinTeam(
  env: Pick<Env, "ACCOUNT" | "TEAM">,
  { teamId, hash }: Pick<Invitation, "teamId" | "hash">,
  person: Joining,
): Promise<Result<null, AcceptRefusal>> {
  const nowMs = Date.now();
  const account = accountOf(env, person.accountId);
  if ((await account?.join(teamId, nowMs)) !== true) return err("too_many_teams");
  const accepted = await teamOf(env, teamId)?.acceptInvitation({ ...person, hash, nowMs });
  if (accepted?.ok === true) {
    logEvent("info", "invitation_accepted", { team: teamId });
    return ok(null);
  }
  const isMember = ((await teamOf(env, teamId)?.member(person.accountId)) ?? null) !== null;
  if (!isMember) await account?.leave(teamId);
  return err(accepted?.reason ?? "invitation");
}

export interface NewPerson {
  readonly email: string;
  readonly displayName: string;
  readonly password: string | null;
  readonly identity: Identity | null;
}

/** The new account's id. If the invitation was used in the meantime, the account is deleted again. */
export async function createAndJoin(
  env: Pick<Env, "ACCOUNT" | "DIRECTORY" | "TEAM">,
  invitation: Pick<Invitation, "teamId" | "hash">,
  person: NewPerson,
): Promise<Result<string, AcceptRefusal>> {
  const directory = directoryOf(env);
  const created = await directory.createAccount({ ...person, nowMs: Date.now() });
  if (!created.ok) return err("taken");
  const { accountId } = created;
  const { email, displayName } = person;
  const joined = await joinTeam(env, invitation, { accountId, email, displayName });
  if (joined.ok) return ok(accountId);
  await directory.dropAccount(accountId);
  return joined;
}
