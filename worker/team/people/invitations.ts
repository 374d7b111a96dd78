/** Invitations into a team: links that work once. Rows of the team object. */
import * as z from "zod/mini";
import { roleSchema } from "../../access/role.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import { addMember, hasOwner } from "./members.ts";
import type { AcceptedInvitation, Acceptance, InvitationOptions, InvitationView } from "../rpc.ts";

const MAX_OPEN_INVITATIONS = 100;

const invitationRow = z.object({
  id: z.string(),
  role: roleSchema,
  email: z.nullable(z.string()),
  first_owner: z.number(),
  created_by: z.string(),
  created_at: z.number(),
  expires_at: z.number(),
});
type InvitationRow = z.infer<typeof invitationRow>;

export interface NewInvitation extends InvitationOptions {
  readonly id: string;
  readonly hash: string;
  /** Valid only while the team has no owner. */
  readonly isForFirstOwner: boolean;
}

export function hasRoomForInvitation(sql: Sql, nowMs: number): boolean {
  sql.exec("DELETE FROM invitation WHERE expires_at <= ?", nowMs);
  return readInvitations(sql, nowMs).length < MAX_OPEN_INVITATIONS;
}

export function writeInvitation(sql: Sql, invitation: NewInvitation): void {
  sql.exec(
    "INSERT INTO invitation VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    invitation.hash,
    invitation.id,
    invitation.role,
    invitation.email,
    invitation.isForFirstOwner ? 1 : 0,
    invitation.createdBy,
    invitation.nowMs,
    invitation.nowMs + invitation.lifetimeMs,
  );
}

export function deleteOwnerInvitations(sql: Sql): void {
  sql.exec("DELETE FROM invitation WHERE first_owner = 1");
}

export function deleteInvitationsOf(sql: Sql, createdBy: string): void {
  sql.exec("DELETE FROM invitation WHERE created_by = ?", createdBy);
}

/** Links that the person was sent and did not need. */
export function deleteInvitationsFor(sql: Sql, email: string): void {
  sql.exec("DELETE FROM invitation WHERE email = ?", email);
}

export function readInvitations(sql: Sql, nowMs: number): InvitationRow[] {
  return rowsOf(
    sql,
    invitationRow,
    "SELECT * FROM invitation WHERE expires_at > ? ORDER BY created_at, rowid",
    nowMs,
  );
}

/** Undefined for one that is unknown, expired, used or revoked, so that they can't be told apart. */
export function findInvitation(sql: Sql, hash: string, nowMs: number): InvitationRow | undefined {
  const [row] = rowsOf(
    sql,
    invitationRow,
    "SELECT * FROM invitation WHERE hash = ? AND expires_at > ?",
    hash,
    nowMs,
  );
  return row?.first_owner === 1 && hasOwner(sql) ? undefined : row;
}

/** Uses it up and creates the member, or neither. The caller runs a transaction. */
export function acceptInvitation(
  sql: Sql,
  { hash, accountId, email, displayName, nowMs }: AcceptedInvitation,
): Acceptance {
  const invitation = findInvitation(sql, hash, nowMs);
  if (invitation === undefined) return { ok: false, reason: "invitation" };
  if (invitation.email !== null && invitation.email !== email)
    return { ok: false, reason: "email" };
  const member = { accountId, email, displayName, role: invitation.role, nowMs };
  if (!addMember(sql, member)) return { ok: false, reason: "team_full" };
  sql.exec("DELETE FROM invitation WHERE hash = ?", hash);
  return { ok: true };
}

export function deleteInvitation(sql: Sql, id: string): boolean {
  return sql.exec("DELETE FROM invitation WHERE id = ? RETURNING id", id).toArray().length > 0;
}

export function toInvitationView(row: InvitationRow): InvitationView {
  const { id, role, email, created_by, created_at, expires_at } = row;
  return {
    id,
    role,
    email,
    createdBy: created_by,
    createdAtMs: created_at,
    expiresAtMs: expires_at,
  };
}
