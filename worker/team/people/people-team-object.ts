/** What a team object does about people: members and invitations. The rest is in team-object.ts. */
import * as z from "zod/mini";
import { NOW } from "../../access/rights.ts";
import { scopesOfRole, type Role } from "../../access/role.ts";
import { createSecret, randomHex, type SecretKind } from "../../auth/secret.ts";
import { sha256 } from "../../auth/sha256.ts";
import { OAuthTeamObject } from "../../oauth/grants/oauth-team-object.ts";
import { rowsOf } from "../../storage/rows.ts";
import { deleteTokensOf } from "./access-tokens.ts";
import {
  acceptInvitation,
  deleteInvitation,
  deleteInvitationsFor,
  deleteInvitationsOf,
  deleteOwnerInvitations,
  findInvitation,
  hasRoomForInvitation,
  readInvitations,
  toInvitationView,
  writeInvitation,
} from "./invitations.ts";
import { mayLetIn } from "./makers.ts";
import { nameOfTarget } from "../log/target-name.ts";
import { deleteOpenJoinTokensOf } from "../relays/join-tokens.ts";
import {
  addMember,
  deleteMember,
  hasOwner,
  isLastOwner,
  memberById,
  memberOfAccount,
  readMembers,
  toMemberView,
  writeRole,
} from "./members.ts";
import type {
  AcceptedInvitation,
  Acceptance,
  Creation,
  InvitationOptions,
  InvitationView,
  NewItem,
  Member,
  MemberChange,
  MemberView,
  NewMember,
  OpenInvitation,
} from "../rpc.ts";

const teamRow = z.object({ name: z.string(), installation: z.string() });

export const MISSING = { ok: false, reason: "missing" } as const;
export const LIMIT = { ok: false, reason: "limit" } as const;
const MADE_BEFORE = { ok: false, reason: "made_before" } as const;

export abstract class PeopleTeamObject extends OAuthTeamObject {
  addMember(member: NewMember): boolean {
    return this.exists() && addMember(this.#sql, member);
  }

  member(accountId: string): Member | null {
    const row = this.exists() ? memberOfAccount(this.#sql, accountId) : undefined;
    if (row === undefined) return null;
    const { rightsVersion } = this;
    return { id: row.id, role: row.role, teamName: this.teamRow().name, rightsVersion };
  }

  members(): MemberView[] {
    return this.exists() ? readMembers(this.#sql).map(toMemberView) : [];
  }

  /** Ends all the person's sessions, so that none from before carries the new role. */
  async setRole(memberId: string, role: Role): Promise<MemberChange> {
    const sql = this.#sql;
    const member = this.exists() ? memberById(sql, memberId) : undefined;
    if (member === undefined) return MISSING;
    if (member.role === role) return { ok: true, member: toMemberView(member), effect: NOW };
    if (isLastOwner(sql, member)) return { ok: false, reason: "last_owner" };
    this.ctx.storage.transactionSync(() => {
      writeRole(sql, memberId, role);
      if (!scopesOfRole(role).includes("aimdb:admin")) this.forgetLettingIn(memberId);
      this.noteRights([memberId]);
    });
    const account = this.#account(member.account);
    const [effect] = await Promise.all([this.announceRights(), account.endSessions()]);
    return { ok: true, member: toMemberView({ ...member, role }), effect };
  }

  async removeMember(memberId: string): Promise<MemberChange> {
    const sql = this.#sql;
    const member = this.exists() ? memberById(sql, memberId) : undefined;
    if (member === undefined) return MISSING;
    if (isLastOwner(sql, member)) return { ok: false, reason: "last_owner" };
    this.ctx.storage.transactionSync(() => {
      const nowMs = Date.now();
      deleteTokensOf(sql, memberId, nowMs);
      deleteMember(sql, memberId, nowMs);
      this.forgetLettingIn(memberId);
      deleteInvitationsFor(sql, member.email);
      this.forgetGrants(member.account);
      this.noteRights([memberId]);
    });
    const account = this.#account(member.account);
    const team = this.ctx.id.toString();
    const [effect] = await Promise.all([this.announceRights(), account.leave(team)]);
    return { ok: true, member: toMemberView(member), effect };
  }

  createInvitation(options: InvitationOptions): Creation {
    if (!this.exists() || !mayLetIn(this.#sql, options)) return MISSING;
    if (!hasRoomForInvitation(this.#sql, options.nowMs)) return LIMIT;
    return this.created("invite", options, (secret) =>
      writeInvitation(this.#sql, { ...options, ...secret, isForFirstOwner: false }),
    );
  }

  createOwnerInvitation(options: { lifetimeMs: number; nowMs: number }): Creation {
    if (!this.exists()) return MISSING;
    if (hasOwner(this.#sql)) return { ok: false, reason: "has_owner" };
    const owner = { role: "owner", email: null, createdBy: "operator" } as const;
    return this.created("invite", options, (secret) => {
      deleteOwnerInvitations(this.#sql);
      writeInvitation(this.#sql, { ...owner, ...options, ...secret, isForFirstOwner: true });
    });
  }

  invitations(nowMs: number): InvitationView[] {
    return this.exists() ? readInvitations(this.#sql, nowMs).map(toInvitationView) : [];
  }

  revokeInvitation(id: string): boolean {
    return this.exists() && deleteInvitation(this.#sql, id);
  }

  openInvitation(hash: string, nowMs: number): OpenInvitation | null {
    const row = this.exists() ? findInvitation(this.#sql, hash, nowMs) : undefined;
    if (row === undefined) return null;
    return { teamName: this.teamRow().name, role: row.role, email: row.email };
  }

  acceptInvitation(invitation: AcceptedInvitation): Acceptance {
    if (!this.exists()) return { ok: false, reason: "invitation" };
    return this.changing(
      () => acceptInvitation(this.#sql, invitation),
      ({ ok }) => {
        const member = ok ? memberOfAccount(this.#sql, invitation.accountId) : undefined;
        if (member === undefined) return undefined;
        const joined = { action: "member.join", target: member.id };
        return { principal: member.id, ...joined, ...nameOfTarget(this.#sql, joined) };
      },
    );
  }

  /** Who may no longer let anybody in must not leave open invitations or join tokens. */
  protected forgetLettingIn(principal: string): void {
    deleteInvitationsOf(this.#sql, principal);
    deleteOpenJoinTokensOf(this.#sql, principal);
  }

  /** Without waiting, so that what the caller checked before still holds. */
  protected created(
    kind: SecretKind,
    { id = randomHex(8), lifetimeMs, nowMs }: NewItem,
    write: (secret: { hash: string; id: string }) => void,
  ): Creation {
    const token = createSecret(kind, this.ctx.id.toString());
    if (hasMade(this.#sql, id)) return MADE_BEFORE;
    const hash = sha256(token);
    this.ctx.storage.transactionSync(() => write({ hash, id }));
    return { ok: true, id, token, expiresAtMs: nowMs + lifetimeMs };
  }

  #account(id: string) {
    return this.env.ACCOUNT.get(this.env.ACCOUNT.idFromString(id));
  }

  protected teamRow(): z.infer<typeof teamRow> {
    const [row] = rowsOf(this.#sql, teamRow, "SELECT name, installation FROM team");
    if (row === undefined) throw new Error("The team row is missing");
    return row;
  }

  get #sql(): SqlStorage {
    return this.ctx.storage.sql;
  }
}

function hasMade(sql: SqlStorage, id: string): boolean {
  const made = sql.exec(
    `SELECT 1 FROM invitation WHERE id = ?1 UNION ALL SELECT 1 FROM join_token WHERE id = ?1
     UNION ALL SELECT 1 FROM access_token WHERE id = ?1`,
    id,
  );
  return made.toArray().length > 0;
}
