/** The people of a team: rows of the team object. */
import * as z from "zod/mini";
import { roleSchema } from "../access/role.ts";
import { randomHex } from "../auth/secret.ts";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import type { NewMember } from "./rpc.ts";

export const MAX_MEMBERS = 500;

const memberRow = z.object({
  account: z.string(),
  id: z.string(),
  email: z.string(),
  display_name: z.string(),
  role: roleSchema,
  joined_at: z.number(),
});
export type MemberRow = z.infer<typeof memberRow>;

export function readMembers(sql: Sql): MemberRow[] {
  return rowsOf(sql, memberRow, "SELECT * FROM member ORDER BY joined_at, rowid");
}

export function memberOfAccount(sql: Sql, accountId: string): MemberRow | undefined {
  return rowsOf(sql, memberRow, "SELECT * FROM member WHERE account = ?", accountId)[0];
}

export function addMember(
  sql: Sql,
  { accountId, email, displayName, role, nowMs }: NewMember,
): boolean {
  if (memberOfAccount(sql, accountId) === undefined && readMembers(sql).length >= MAX_MEMBERS) {
    return false;
  }
  sql.exec(
    "INSERT INTO member VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account) DO UPDATE SET role = excluded.role",
    accountId,
    randomHex(8),
    email,
    displayName,
    role,
    nowMs,
  );
  return true;
}
