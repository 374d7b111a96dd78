/** The relay object's own row, its accepted dials and its last inventory. */
import * as z from "zod/mini";
import { CLOCK_TOLERANCE_S, DIAL_TOKEN_LIFETIME_S } from "#shared/link/dial-token.ts";
import { inventorySchema, type Inventory } from "#shared/link/inventory.ts";
import { isCreated, type Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import type { RelayCreation } from "./rpc.ts";
import type { Ended } from "./link/session.ts";
import { relayStatusSchema, type RelayStatus } from "./status.ts";

const relayRow = z.object({
  team: z.string(),
  name: z.string(),
  installation: z.string(),
  generation: z.number(),
  offline_since: z.nullable(z.number()),
  has_left: z.number(),
  status: relayStatusSchema,
});
const inventoryRow = z.object({ body: z.string() });
const jtiRow = z.object({ jti: z.string() });

/** Without the keys, which `dial/keys.ts` reads and writes. */
export interface RelayRow {
  readonly team: string;
  readonly name: string;
  readonly installation: string;
  readonly generation: number;
  readonly offlineSinceMs: number | null;
  readonly hasLeft: boolean;
  readonly status: RelayStatus;
}

/** Undefined for an id under which no relay was created. */
export function readRelayRow(sql: Sql): RelayRow | undefined {
  if (!isCreated(sql)) return undefined;
  const [row] = rowsOf(sql, relayRow, "SELECT * FROM relay");
  if (row === undefined) return undefined;
  const { offline_since, has_left, ...same } = row;
  return { ...same, offlineSinceMs: offline_since, hasLeft: has_left === 1 };
}

export function writeRelayRow(
  sql: Sql,
  { team, name, publicKey, installation, createdAtMs }: RelayCreation,
): void {
  sql.exec(
    "INSERT OR IGNORE INTO relay (one, team, name, public_key, installation, created_at, offline_since) VALUES (1, ?, ?, ?, ?, ?, ?)",
    team,
    name,
    JSON.stringify(publicKey),
    installation,
    createdAtMs,
    createdAtMs,
  );
}

/** How long a token can be accepted at most, counted from its first use, whatever the clocks say. */
const JTI_KEPT_MS = (DIAL_TOKEN_LIFETIME_S + 2 * CLOCK_TOLERANCE_S) * 1000;

/** False if it was used before. */
export function spendJti(sql: Sql, jti: string, nowMs: number): boolean {
  sql.exec("DELETE FROM dial_jti WHERE expires_at < ?", nowMs);
  const spent = rowsOf(sql, jtiRow, "SELECT jti FROM dial_jti WHERE jti = ?", jti);
  if (spent.length > 0) return false;
  sql.exec("INSERT INTO dial_jti VALUES (?, ?)", jti, nowMs + JTI_KEPT_MS);
  return true;
}

export function raiseGeneration(sql: Sql): void {
  sql.exec("UPDATE relay SET generation = generation + 1, offline_since = NULL, has_left = 0");
}

export function writeOffline(sql: Sql, { sinceMs, hasLeft }: Ended): void {
  sql.exec("UPDATE relay SET offline_since = ?, has_left = ?", sinceMs, hasLeft ? 1 : 0);
}

export function writeStatus(sql: Sql, status: RelayStatus): void {
  sql.exec("UPDATE relay SET status = ?", status);
}

export function writeInventory(sql: Sql, inventory: Inventory): void {
  sql.exec("INSERT OR REPLACE INTO inventory VALUES (1, ?)", JSON.stringify(inventory));
}

export function readInventory(sql: Sql): Inventory | undefined {
  const [row] = rowsOf(sql, inventoryRow, "SELECT body FROM inventory");
  return row === undefined ? undefined : inventorySchema.parse(JSON.parse(row.body));
}
