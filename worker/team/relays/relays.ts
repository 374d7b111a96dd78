/** The relays of a team, and how a device becomes one. Rows of the team object. */
import * as z from "zod/mini";
import { firstFreeName } from "#shared/instance-id.ts";
import { matchesGlob } from "#shared/text/glob.ts";
import type { PublicKey } from "#shared/link/dial-token.ts";
import { relayStatusSchema, type RelayStatus } from "../../relay/status.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import { toSighting } from "./clones.ts";
import { findJoinToken, spendJoinToken, type JoinTokenRow } from "./join-tokens.ts";
import type { Enrollment, EnrollmentResult, RelayView } from "../rpc.ts";

const MAX_RELAYS = 1_000;

/** How long `enroll` may be repeated with the same key if its answer was lost. */
const JOIN_TOKEN_REPEAT_MS = 10 * 60_000;

const relayRow = z.object({
  name: z.string(),
  object_id: z.string(),
  public_key: z.string(),
  created_at: z.number(),
  label: z.string(),
  status: relayStatusSchema,
  clone_first_at: z.nullable(z.number()),
  clone_last_at: z.nullable(z.number()),
  clone_networks: z.string(),
});
type RelayRow = z.infer<typeof relayRow>;

export function readRelays(sql: Sql): RelayRow[] {
  return rowsOf(sql, relayRow, "SELECT * FROM relay ORDER BY name");
}

export function findRelay(sql: Sql, name: string): RelayRow | undefined {
  return rowsOf(sql, relayRow, "SELECT * FROM relay WHERE name = ?", name)[0];
}

export function findRelayByObject(sql: Sql, objectId: string): RelayRow | undefined {
  return rowsOf(sql, relayRow, "SELECT * FROM relay WHERE object_id = ?", objectId)[0];
}

export function writeLabel(sql: Sql, name: string, label: string): void {
  sql.exec("UPDATE relay SET label = ? WHERE name = ?", label, name);
}

export function writeRelayStatus(sql: Sql, name: string, status: RelayStatus): void {
  sql.exec("UPDATE relay SET status = ? WHERE name = ?", status, name);
}

export function writeRelayKey(sql: Sql, name: string, x: string): void {
  sql.exec("UPDATE relay SET public_key = ? WHERE name = ?", x, name);
}

/** By its object: another relay may have its name by now. */
export function deleteRelay(sql: Sql, objectId: string): void {
  sql.exec("DELETE FROM relay WHERE object_id = ?", objectId);
}

export function toRelayView(row: RelayRow): RelayView {
  const { name, object_id, label, status, created_at } = row;
  const clone = toSighting(row);
  return { name, objectId: object_id, label, status, enrolledAtMs: created_at, clone };
}

export type Admission =
  | { readonly ok: true; readonly relay: string; readonly relayId: string }
  | Extract<EnrollmentResult, { ok: false }>;

/** Uses up the join token and writes the relay's row, or neither. The caller runs a transaction. */
export function admit(
  sql: Sql,
  { tokenHash, name, publicKey, nowMs }: Enrollment,
  newRelayId: () => string,
): Admission {
  const token = findJoinToken(sql, tokenHash, nowMs);
  if (token === undefined) return { ok: false, reason: "token" };
  if (token.used_at !== null) return repeat(sql, token, { publicKey, nowMs });

  const { name_pattern: pattern } = token;
  if (!matchesGlob(pattern, name)) return { ok: false, reason: "name_not_allowed", pattern };
  const taken = findRelay(sql, name);
  const isOthers = taken !== undefined && taken.public_key !== publicKey.x;
  if (isOthers || taken?.status === "revoked") {
    const freeName = firstFreeName(name, (candidate) => findRelay(sql, candidate) !== undefined);
    return { ok: false, reason: "name_taken", freeName };
  }
  if (taken === undefined && readRelays(sql).length >= MAX_RELAYS) {
    return { ok: false, reason: "team_full" };
  }
  const relayId = taken?.object_id ?? newRelayId();
  sql.exec(
    "INSERT OR IGNORE INTO relay (name, object_id, public_key, created_at) VALUES (?, ?, ?, ?)",
    name,
    relayId,
    publicKey.x,
    nowMs,
  );
  spendJoinToken(sql, { hash: tokenHash, key: publicKey.x, relay: name, nowMs });
  return { ok: true, relay: name, relayId };
}

function repeat(
  sql: Sql,
  { used_at, used_key, relay }: JoinTokenRow,
  { publicKey, nowMs }: { publicKey: PublicKey; nowMs: number },
): Admission {
  const isInTime = nowMs - (used_at ?? 0) < JOIN_TOKEN_REPEAT_MS;
  const found = relay === null ? undefined : findRelay(sql, relay);
  if (!isInTime || used_key !== publicKey.x || found === undefined || found.status === "revoked") {
    return { ok: false, reason: "token" };
  }
  return { ok: true, relay: found.name, relayId: found.object_id };
}
