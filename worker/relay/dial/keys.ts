/**
 * The relay's keys. While one replaces the other both are accepted: until the new one has dialed and is a day old.
 */
import * as z from "zod/mini";
import { publicKeySchema, type PublicKey } from "#shared/link/dial-token.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

const BOTH_FOR_MS = 24 * 3_600_000;

const keysRow = z.object({
  public_key: z.string(),
  next_key: z.nullable(z.string()),
  next_key_at: z.nullable(z.number()),
  next_key_dialed: z.number(),
});

export interface RelayKeys {
  readonly current: PublicKey;
  readonly next:
    | { readonly key: PublicKey; readonly hasDialed: boolean; readonly untilMs: number }
    | undefined;
}

/** The old key is dropped here, where keys are read: no alarm has to wake the object for it. */
export function readKeys(sql: Sql, nowMs: number): RelayKeys {
  sql.exec(
    "UPDATE relay SET public_key = next_key, next_key = NULL, next_key_at = NULL, next_key_dialed = 0 WHERE next_key IS NOT NULL AND next_key_dialed = 1 AND next_key_at <= ?",
    nowMs - BOTH_FOR_MS,
  );
  const [row] = rowsOf(
    sql,
    keysRow,
    "SELECT public_key, next_key, next_key_at, next_key_dialed FROM relay",
  );
  if (row === undefined) throw new Error("The relay row is missing");
  const { public_key, next_key, next_key_at, next_key_dialed } = row;
  const current = parseKey(public_key);
  if (next_key === null || next_key_at === null) return { current, next: undefined };
  const key = parseKey(next_key);
  const untilMs = next_key_at + BOTH_FOR_MS;
  return { current, next: { key, hasDialed: next_key_dialed === 1, untilMs } };
}

export function acceptedKeys({ current, next }: RelayKeys): PublicKey[] {
  return next === undefined ? [current] : [current, next.key];
}

/** The newest one that has dialed: a stolen old key can't name another once the new one has dialed. */
export function keysThatMayRotate({ current, next }: RelayKeys): PublicKey[] {
  if (next === undefined) return [current];
  return next.hasDialed ? [next.key] : [current];
}

/** Another key may have taken the next one's place while the dial was looked at. */
export function noteDial(sql: Sql, signedBy: PublicKey): void {
  sql.exec(
    "UPDATE relay SET next_key_dialed = 1 WHERE next_key_dialed = 0 AND json_extract(next_key, '$.x') = ?",
    signedBy.x,
  );
}

/** Returns until when the old key is valid. The same key again changes nothing: the answer was lost. */
export function writeNextKey(
  sql: Sql,
  { keys, signedBy, publicKey }: { keys: RelayKeys; signedBy: PublicKey; publicKey: PublicKey },
  nowMs: number,
): number {
  if (keys.next?.key.x === publicKey.x) return keys.next.untilMs;
  sql.exec(
    "UPDATE relay SET public_key = ?, next_key = ?, next_key_at = ?, next_key_dialed = 0",
    JSON.stringify(signedBy),
    JSON.stringify(publicKey),
    nowMs,
  );
  return nowMs + BOTH_FOR_MS;
}

function parseKey(text: string): PublicKey {
  return publicKeySchema.parse(JSON.parse(text));
}
