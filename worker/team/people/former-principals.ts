/**
 * Members who left and tokens that ended, by the ids that the team's log has of them: an entry says for years who it
 * was. Rows of the team object.
 */
import type { Sql } from "../../storage/migrate.ts";

/** In the turn in which the member, or the token, is deleted. */
export function keepMember(sql: Sql, id: string, nowMs: number): void {
  sql.exec(
    `INSERT OR REPLACE INTO former_principal (id, name, email, ended_at)
     SELECT id, display_name, email, ?2 FROM member WHERE id = ?1`,
    id,
    nowMs,
  );
}

/** Ended then, or when its time was over. */
export function keepToken(sql: Sql, id: string, nowMs: number): void {
  sql.exec(
    `INSERT OR REPLACE INTO former_principal (id, name, email, ended_at)
     SELECT id, label, NULL, min(expires_at, ?2) FROM access_token WHERE id = ?1`,
    id,
    nowMs,
  );
}

/** Names are kept no longer than the lines that need them. */
export function forgetFormer(sql: Sql, keptSinceMs: number): void {
  sql.exec(
    `DELETE FROM former_principal WHERE ended_at < ?
       AND NOT EXISTS (SELECT 1 FROM audit WHERE principal = former_principal.id)`,
    keptSinceMs,
  );
}
