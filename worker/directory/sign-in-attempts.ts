/**
 * How often passwords may be tried for one address: five failures, one more every three minutes. A
 * delay and no lock, or anybody could lock a person out. Pure but for its rows.
 */
import * as z from "zod/mini";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";

export const MAX_FAILURES = 5;
const FORGIVEN_AFTER_MS = 3 * 60_000;
/** Invented addresses take a row each; the oldest go. */
const MAX_ROWS = 10_000;

const attemptRow = z.object({ failures: z.number(), at: z.number() });

/** Counts the attempt as failed. Above 0: refused, and so long is to be waited. */
export function beginAttempt(sql: Sql, emailHash: string, nowMs: number): number {
  const [row] = rowsOf(
    sql,
    attemptRow,
    "SELECT failures, at FROM sign_in_attempt WHERE email_hash = ?",
    emailHash,
  );
  const forgiven = row === undefined ? 0 : Math.max(0, nowMs - row.at) / FORGIVEN_AFTER_MS;
  const failures = Math.max(0, (row?.failures ?? 0) - forgiven);
  if (failures > MAX_FAILURES - 1)
    return Math.ceil((failures - MAX_FAILURES + 1) * FORGIVEN_AFTER_MS);
  sql.exec(
    "INSERT OR REPLACE INTO sign_in_attempt VALUES (?, ?, ?)",
    emailHash,
    failures + 1,
    nowMs,
  );
  sql.exec("DELETE FROM sign_in_attempt WHERE at < ?", nowMs - MAX_FAILURES * FORGIVEN_AFTER_MS);
  sql.exec(
    "DELETE FROM sign_in_attempt WHERE at < (SELECT at FROM sign_in_attempt ORDER BY at DESC LIMIT 1 OFFSET ?)",
    MAX_ROWS,
  );
  return 0;
}

export function forgiveAttempts(sql: Sql, emailHash: string): void {
  sql.exec("DELETE FROM sign_in_attempt WHERE email_hash = ?", emailHash);
}
