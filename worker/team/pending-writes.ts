/** How many of the team's writes wait for a person: somebody who is asked too often approves without looking. */
import * as z from "zod/mini";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import type { PendingWrite } from "./rpc.ts";

const MAX_PENDING_PER_TEAM = 10;
const MAX_PENDING_PER_PRINCIPAL = 3;

const pendingRow = z.object({ principal: z.string() });

/** False if there are too many already. */
export function reservePending(
  sql: Sql,
  { callId, relayId, principal, expiresAtMs, nowMs }: PendingWrite,
): boolean {
  sql.exec("DELETE FROM pending_write WHERE expires_at < ?", nowMs);
  const waiting = rowsOf(
    sql,
    pendingRow,
    "SELECT principal FROM pending_write WHERE call <> ?",
    callId,
  );
  const own = waiting.filter((row) => row.principal === principal);
  if (waiting.length >= MAX_PENDING_PER_TEAM || own.length >= MAX_PENDING_PER_PRINCIPAL) {
    return false;
  }
  sql.exec(
    "INSERT OR REPLACE INTO pending_write VALUES (?, ?, ?, ?)",
    callId,
    relayId,
    principal,
    expiresAtMs,
  );
  return true;
}

export function releasePending(sql: Sql, callId: string): void {
  sql.exec("DELETE FROM pending_write WHERE call = ?", callId);
}
