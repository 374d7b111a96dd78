/** Texts by key, with an expiry: what a KV namespace is, in one table of an object. */
import * as z from "zod/mini";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

export interface Entry {
  readonly value: string;
  /** JSON; returned in lists, so that those need not read the values. */
  readonly metadata: string | null;
  /** Null: kept for good. */
  readonly expiresAtMs: number | null;
}

export interface ListedKey {
  readonly key: string;
  readonly metadata: string | null;
}

const valueRow = z.object({ value: z.string() });
const keyRow = z.object({ key: z.string(), metadata: z.nullable(z.string()) });
const endRow = z.object({ expires_at: z.nullable(z.number()) });

export class EntryStore {
  readonly #sql: Sql;
  readonly #now: () => number;

  constructor(sql: Sql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  get(key: string): string | null {
    const [row] = rowsOf(
      this.#sql,
      valueRow,
      "SELECT value FROM oauth_entry WHERE key = ? AND (expires_at IS NULL OR expires_at > ?)",
      key,
      this.#now(),
    );
    return row?.value ?? null;
  }

  put(key: string, { value, metadata, expiresAtMs }: Entry): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO oauth_entry VALUES (?, ?, ?, ?)",
      key,
      value,
      metadata,
      expiresAtMs,
    );
  }

  delete(key: string): void {
    this.#sql.exec("DELETE FROM oauth_entry WHERE key = ?", key);
  }

  /** In the order of the keys. */
  list(prefix: string, limit: number, after = ""): ListedKey[] {
    return rowsOf(
      this.#sql,
      keyRow,
      `SELECT key, metadata FROM oauth_entry
       WHERE key > ? AND key >= ? AND key < ? AND (expires_at IS NULL OR expires_at > ?)
       ORDER BY key LIMIT ?`,
      after,
      prefix,
      endOf(prefix),
      this.#now(),
      limit,
    );
  }

  deleteAll(prefix: string): void {
    this.#sql.exec("DELETE FROM oauth_entry WHERE key >= ? AND key < ?", prefix, endOf(prefix));
  }

  /** Of the entries under the prefix with this metadata, keeps the `count` that were put last. */
  keepLatest(count: number, prefix: string, metadata: string): void {
    this.#sql.exec(
      `DELETE FROM oauth_entry WHERE key IN (
         SELECT key FROM oauth_entry WHERE key >= ? AND key < ? AND metadata = ?
         ORDER BY rowid DESC LIMIT -1 OFFSET ?)`,
      prefix,
      endOf(prefix),
      metadata,
      count,
    );
  }

  /** Of the entries under the prefix that were put before the latest `count`: the last `limit`, oldest first. */
  beforeLatest(count: number, prefix: string, limit: number): string[] {
    const rows = rowsOf(
      this.#sql,
      keyRow,
      `SELECT key, metadata FROM oauth_entry
       WHERE key >= ? AND key < ? AND (expires_at IS NULL OR expires_at > ?)
       ORDER BY rowid DESC LIMIT ? OFFSET ?`,
      prefix,
      endOf(prefix),
      this.#now(),
      limit,
      count,
    );
    return rows.map(({ key }) => key).toReversed();
  }

  purge(): void {
    this.#sql.exec("DELETE FROM oauth_entry WHERE expires_at <= ?", this.#now());
  }

  /** Undefined if nothing expires. */
  nextEndMs(): number | undefined {
    const [row] = rowsOf(
      this.#sql,
      endRow,
      "SELECT min(expires_at) AS expires_at FROM oauth_entry",
    );
    return row?.expires_at ?? undefined;
  }
}

/** The first text after all those that begin with the prefix. Keys are ASCII. */
function endOf(prefix: string): string {
  return `${prefix}\uffff`;
}
