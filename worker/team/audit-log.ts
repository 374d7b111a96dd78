/**
 * The team's log, appended to only. Each entry's hash covers the hash before it, so that a line which
 * is changed or taken out shows.
 */
import * as z from "zod/mini";
import type { AuditEntry } from "../access/audit-entry.ts";
import { hashSecret as sha256 } from "../auth/secret.ts";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";

const DAY_MS = 86_400_000;
const KEPT_MS = 90 * DAY_MS;
const MAX_ENTRIES = 1_000_000;

const FIRST_HASH = "0".repeat(64);

const lastRow = z.object({ seq: z.number(), hash: z.string() });
const knownRow = z.object({ entry: z.string() });

export interface AuditMark {
  readonly seq: number;
  readonly hash: string;
}

export class AuditLog {
  readonly #sql: Sql;
  /** A hash is computed between reading the last one and storing the next: one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  append(entry: AuditEntry): Promise<AuditMark> {
    const done = this.#turn.then(() => this.#append(entry));
    this.#turn = done.catch(() => {});
    return done;
  }

  /** As often as it is sent: an entry whose confirmation was lost comes again. */
  async appendOnce(entry: AuditEntry): Promise<void> {
    const text = JSON.stringify(entry);
    const known = rowsOf(
      this.#sql,
      knownRow,
      "SELECT entry FROM audit WHERE call = ?",
      entry.call_id,
    );
    if (!known.some((row) => row.entry === text)) await this.append(entry);
  }

  async #append(entry: AuditEntry): Promise<AuditMark> {
    const [last = { seq: 0, hash: FIRST_HASH }] = rowsOf(
      this.#sql,
      lastRow,
      "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
    );
    const text = JSON.stringify(entry);
    const hash = await sha256(`${last.hash}\n${text}`);
    this.#sql.exec(
      "INSERT INTO audit (at, entry, call, hash) VALUES (?, ?, ?, ?)",
      entry.at_ms,
      text,
      entry.call_id,
      hash,
    );
    const seq = last.seq + 1;
    this.#sql.exec(
      "DELETE FROM audit WHERE at < ? OR seq <= ?",
      entry.at_ms - KEPT_MS,
      seq - MAX_ENTRIES,
    );
    return { seq, hash };
  }
}
