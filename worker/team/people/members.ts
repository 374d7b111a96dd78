/** The people of a team: rows of the team object. */
import * as z from "zod/mini";
import { allows, type Scope } from "#shared/access/scope.ts";
import { roleSchema, scopesOfRole, type Role } from "../../access/role.ts";
import { randomHex } from "../../auth/secret.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import { keepMember } from "./former-principals.ts";
import type { MemberView, NewMember } from "../rpc.ts";

const MAX_MEMBERS = 500;

const memberRow = z.object({
  account: z.string(),
  id: z.string(),
  email: z.string(),
  display_name: z.string(),
  role: roleSchema,
  joined_at: z.number(),
});
type MemberRow = z.infer<typeof memberRow>;

export function readMembers(sql: Sql): MemberRow[] {
  return rowsOf(sql, memberRow, "SELECT * FROM member ORDER BY joined_at, rowid");
}

export function memberOfAccount(sql: Sql, accountId: string): MemberRow | undefined {
  return rowsOf(sql, memberRow, "SELECT * FROM member WHERE account = ?", accountId)[0];
}

export function memberById(sql: Sql, id: string): MemberRow | undefined {
  return rowsOf(sql, memberRow, "SELECT * FROM member WHERE id = ?", id)[0];
}

/** At this moment; false for one who has left. */
export function memberMay(sql: Sql, id: string, scope: Scope): boolean {
  const member = memberById(sql, id);
  return member !== undefined && allows(scopesOfRole(member.role), scope);
}

export function hasOwner(sql: Sql): boolean {
  return readMembers(sql).some(({ role }) => role === "owner");
}

/** False if the team is full. A person who is a member already keeps their role. */
export function addMember(sql: Sql, member: NewMember): boolean {
  if (memberOfAccount(sql, member.accountId) !== undefined) return true;
  if (readMembers(sql).length >= MAX_MEMBERS) return false;
  sql.exec(
    "INSERT INTO member VALUES (?, ?, ?, ?, ?, ?)",
    member.accountId,
    randomHex(8),
    member.email,
    member.displayName,
    member.role,
    member.nowMs,
  );
  return true;
}

/** Whether the team would be left without an owner if this member were not one. */
export function isLastOwner(sql: Sql, { account, role }: MemberRow): boolean {
  if (role !== "owner") return false;
  return !readMembers(sql).some((other) => other.role === "owner" && other.account !== account);
}

export function writeRole(sql: Sql, id: string, role: Role): void {
  sql.exec("UPDATE member SET role = ? WHERE id = ?", role, id);
}

export function deleteMember(sql: Sql, id: string, nowMs: number): void {
  keepMember(sql, id, nowMs);
  sql.exec("DELETE FROM member WHERE id = ?", id);
}

export function toMemberView({ id, email, display_name, role, joined_at }: MemberRow): MemberView {
  return { id, email, displayName: display_name, role, joinedAtMs: joined_at };
}
