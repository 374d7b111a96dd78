/**
 * Relays whose key two devices seem to use, and what the team wants done then. Rows of the team object; the relay
 * objects notice it (`continuity.ts`).
 */
import * as z from "zod/mini";
import { onCloneSchema, type OnClone } from "../../access/relay-policy.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import type { CloneSighting } from "../rpc.ts";

/** Two devices that take the link from each other do so every minute. */
const NEWS_EVERY_MS = 10 * 60_000;

/** Two devices; more if one of them moves. */
const MAX_NETWORKS = 8;

const cloneRow = z.object({
  clone_first_at: z.nullable(z.number()),
  clone_last_at: z.nullable(z.number()),
  clone_networks: z.string(),
});
type CloneRow = z.infer<typeof cloneRow>;

const networksSchema = z.array(z.string());
const policyRow = z.object({ on_clone: onCloneSchema });

/** From the columns of a relay's row; null if nothing is suspected. */
export function toSighting({
  clone_first_at: firstAtMs,
  clone_last_at: lastAtMs,
  clone_networks,
}: CloneRow): CloneSighting | null {
  if (firstAtMs === null || lastAtMs === null) return null;
  return { firstAtMs, lastAtMs, networks: networksSchema.parse(JSON.parse(clone_networks)) };
}

/** False if it was noted a few minutes ago, or there is no such relay. */
export function noteClone(
  sql: Sql,
  { relay, networks, nowMs }: { relay: string; networks: readonly string[]; nowMs: number },
): boolean {
  const [row] = rowsOf(
    sql,
    cloneRow,
    "SELECT clone_first_at, clone_last_at, clone_networks FROM relay WHERE name = ?",
    relay,
  );
  if (row === undefined) return false;
  const known = toSighting(row);
  if (known !== null && nowMs - known.lastAtMs < NEWS_EVERY_MS) return false;
  const all = [...new Set([...(known?.networks ?? []), ...networks])].slice(-MAX_NETWORKS);
  sql.exec(
    "UPDATE relay SET clone_first_at = ?, clone_last_at = ?, clone_networks = ? WHERE name = ?",
    known?.firstAtMs ?? nowMs,
    nowMs,
    JSON.stringify(all),
    relay,
  );
  return true;
}

/** The next second history is reported again, however soon. */
export function dismissClone(sql: Sql, relay: string): void {
  sql.exec(
    "UPDATE relay SET clone_first_at = NULL, clone_last_at = NULL, clone_networks = '[]' WHERE name = ?",
    relay,
  );
}

export function readOnClone(sql: Sql): OnClone {
  return rowsOf(sql, policyRow, "SELECT on_clone FROM team")[0]?.on_clone ?? "alert";
}

export function storeOnClone(sql: Sql, onClone: OnClone): void {
  sql.exec("UPDATE team SET on_clone = ?", onClone);
}
