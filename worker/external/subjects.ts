/** People of the external issuer in one team. Their tokens can't be revoked here, so the people are blocked instead. */
import * as z from "zod/mini";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import type { SubjectRow, SubjectUse } from "./team-rpc.ts";

/** The issuer vouches for each person; this bounds an issuer that does so too freely. */
const MAX_SUBJECTS = 10_000;
const DAY_MS = 86_400_000;

const useRow = z.object({ last_used_day: z.number(), blocked_at: z.nullable(z.number()) });
const countRow = z.object({ count: z.number() });
const subjectRow = z.object({
  id: z.string(),
  subject: z.string(),
  first_used_at: z.number(),
  blocked_at: z.nullable(z.number()),
});

export function admitSubject(sql: Sql, { id, subject, nowMs }: SubjectUse): boolean {
  const day = Math.floor(nowMs / DAY_MS);
  const known = readUse(sql, id);
  if (known === undefined) return addSubject(sql, { id, subject, nowMs });
  if (known.blocked_at !== null) return false;
  if (known.last_used_day !== day) {
    sql.exec("UPDATE external_subject SET last_used_day = ? WHERE id = ?", day, id);
  }
  return true;
}

/** Somebody who came before and has not been blocked since. */
export function isAdmitted(sql: Sql, id: string): boolean {
  return readUse(sql, id)?.blocked_at === null;
}

function readUse(sql: Sql, id: string): z.infer<typeof useRow> | undefined {
  const query = "SELECT last_used_day, blocked_at FROM external_subject WHERE id = ?";
  return rowsOf(sql, useRow, query, id)[0];
}

function addSubject(sql: Sql, { id, subject, nowMs }: SubjectUse): boolean {
  const [row] = rowsOf(sql, countRow, "SELECT count(*) AS count FROM external_subject");
  if (row === undefined || row.count >= MAX_SUBJECTS) return false;
  const day = Math.floor(nowMs / DAY_MS);
  sql.exec("INSERT INTO external_subject VALUES (?, ?, ?, ?, NULL)", id, subject, nowMs, day);
  return true;
}

export function listSubjects(sql: Sql): SubjectRow[] {
  const rows = rowsOf(
    sql,
    subjectRow,
    "SELECT id, subject, first_used_at, blocked_at FROM external_subject ORDER BY first_used_at, id",
  );
  return rows.map(({ id, subject, first_used_at, blocked_at }) => ({
    id,
    subject,
    firstUsedAtMs: first_used_at,
    isBlocked: blocked_at !== null,
  }));
}

export function blockSubject(sql: Sql, id: string, blockedAtMs: number | null): boolean {
  const change = "UPDATE external_subject SET blocked_at = ? WHERE id = ? RETURNING id";
  return sql.exec(change, blockedAtMs, id).toArray().length > 0;
}
