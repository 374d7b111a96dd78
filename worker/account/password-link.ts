/**
 * The link with which a person who forgot their password chooses a new one; at most one exists. A row of the
 * account object.
 */
import * as z from "zod/mini";
import { equalHashes } from "../auth/secret.ts";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import type { NewPasswordLink } from "./rpc.ts";

const linkRow = z.object({ hash: z.string() });

export function writePasswordLink(sql: Sql, { hash, expiresAtMs }: NewPasswordLink): void {
  sql.exec("INSERT OR REPLACE INTO password_link VALUES (1, ?, ?)", hash, expiresAtMs);
}

export function hasPasswordLink(sql: Sql, hash: string, nowMs: number): boolean {
  const [link] = rowsOf(sql, linkRow, "SELECT hash FROM password_link WHERE expires_at > ?", nowMs);
  return link !== undefined && equalHashes(link.hash, hash);
}

export function deletePasswordLink(sql: Sql): void {
  sql.exec("DELETE FROM password_link");
}
