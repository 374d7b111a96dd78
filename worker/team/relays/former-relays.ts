/**
 * Relays that were revoked, by the ids of their objects, until those have deleted what they stored. Nobody can read
 * it any more: calls, and questions how a write ended, are refused from the moment of the revocation. Rows of the team
 * object.
 */
import * as z from "zod/mini";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import { deleteRelay } from "./relays.ts";

const formerRow = z.object({ object_id: z.string() });

/** In the turn in which it is revoked. */
export function keepFormerRelay(sql: Sql, objectId: string, nowMs: number): void {
  sql.exec("INSERT OR IGNORE INTO former_relay VALUES (?, ?)", objectId, nowMs);
}

/** All of the team's relays, at its end. */
export function revokeRelays(sql: Sql, nowMs: number): void {
  sql.exec("INSERT OR IGNORE INTO former_relay SELECT object_id, ? FROM relay", nowMs);
  sql.exec("UPDATE relay SET status = 'revoked'");
}

/** The ids of their objects. */
export function readFormerRelays(sql: Sql, revokedBeforeMs = Infinity): string[] {
  const query = "SELECT object_id FROM former_relay WHERE revoked_at <= ? ORDER BY revoked_at";
  return rowsOf(sql, formerRow, query, revokedBeforeMs).map(({ object_id }) => object_id);
}

/** Its name is free then, also if its object could not be told of the revocation before. */
export function forgetFormerRelay(sql: Sql, objectId: string): void {
  sql.exec("DELETE FROM former_relay WHERE object_id = ?", objectId);
  deleteRelay(sql, objectId);
}
