/** Join tokens of a team: each lets one relay in. Rows of the team object. */
import * as z from "zod/mini";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import type { JoinTokenOptions, JoinTokenView } from "../rpc.ts";

const MAX_OPEN_JOIN_TOKENS = 100;

/** How long a used one is shown before it is deleted. */
const USED_SHOWN_MS = 7 * 86_400_000;

const joinTokenRow = z.object({
  id: z.string(),
  name_pattern: z.string(),
  created_at: z.number(),
  expires_at: z.number(),
  used_at: z.nullable(z.number()),
  used_key: z.nullable(z.string()),
  relay: z.nullable(z.string()),
});
export type JoinTokenRow = z.infer<typeof joinTokenRow>;

/** Deletes expired ones first, and used ones that are no longer shown. */
export function hasRoomForJoinToken(sql: Sql, nowMs: number): boolean {
  sql.exec(
    "DELETE FROM join_token WHERE (used_at IS NULL AND expires_at <= ?) OR used_at <= ?",
    nowMs,
    nowMs - USED_SHOWN_MS,
  );
  const open = readJoinTokens(sql, nowMs).filter(({ used_at }) => used_at === null);
  return open.length < MAX_OPEN_JOIN_TOKENS;
}

export function writeJoinToken(
  sql: Sql,
  join: JoinTokenOptions & { hash: string; id: string },
): void {
  sql.exec(
    "INSERT INTO join_token VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL, ?)",
    join.hash,
    join.id,
    join.namePattern,
    join.nowMs,
    join.nowMs + join.lifetimeMs,
    join.createdBy,
  );
}

/** Deletes those that can still let a relay in; used ones stay, for the list. */
export function deleteOpenJoinTokensOf(sql: Sql, createdBy: string): void {
  sql.exec("DELETE FROM join_token WHERE created_by = ? AND used_at IS NULL", createdBy);
}

/** The unused ones, and those used recently. */
export function readJoinTokens(sql: Sql, nowMs: number): JoinTokenRow[] {
  return rowsOf(
    sql,
    joinTokenRow,
    "SELECT * FROM join_token WHERE expires_at > ? OR used_at > ? ORDER BY created_at, rowid",
    nowMs,
    nowMs - USED_SHOWN_MS,
  );
}

export function findJoinToken(sql: Sql, hash: string, nowMs: number): JoinTokenRow | undefined {
  return rowsOf(
    sql,
    joinTokenRow,
    "SELECT * FROM join_token WHERE hash = ? AND expires_at > ?",
    hash,
    nowMs,
  )[0];
}

export function spendJoinToken(
  sql: Sql,
  use: { hash: string; key: string; relay: string; nowMs: number },
): void {
  sql.exec(
    "UPDATE join_token SET used_at = ?, used_key = ?, relay = ? WHERE hash = ?",
    use.nowMs,
    use.key,
    use.relay,
    use.hash,
  );
}

export function deleteJoinToken(sql: Sql, id: string): boolean {
  return sql.exec("DELETE FROM join_token WHERE id = ? RETURNING id", id).toArray().length > 0;
}

export function toJoinTokenView(row: JoinTokenRow): JoinTokenView {
  const { id, name_pattern, created_at, expires_at, used_at, relay } = row;
  return {
    id,
    namePattern: name_pattern,
    createdAtMs: created_at,
    expiresAtMs: expires_at,
    usedAtMs: used_at,
    relay,
  };
}
