/**
 * The team's log; entries are only appended. Each entry's hash covers the previous one, so that a line that is
 * changed or removed is noticed.
 */
import * as z from "zod/mini";
import type { AuditEntry } from "../../access/audit-entry.ts";
import type { Sql, Transactional } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import { forgetFormer } from "../people/former-principals.ts";
import { chainHash, readFloor, storeFloor, type AuditMark } from "./audit-chain.ts";
import { readSettings } from "./stored-settings.ts";

const DAY_MS = 86_400_000;
const MAX_ENTRIES = 1_000_000;

const lastRow = z.object({ seq: z.number(), hash: z.string() });
const knownRow = z.object({ entry: z.string() });
const oldestRow = z.object({ seq: z.number(), at: z.number() });

/** More than are added at a time, so that deleting keeps up. */
const MAX_PURGED = 1_000;

export class AuditLog {
  readonly #storage: Transactional;
  readonly #sql: Sql;

  constructor(storage: Transactional) {
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  /** In their order, all or none; may be part of a transaction. */
  append(entries: readonly AuditEntry[]): void {
    this.#storage.transactionSync(() => {
      let last = this.#last();
      for (const entry of entries) last = this.#insert(entry, last);
      const newest = entries.at(-1);
      if (newest !== undefined) this.#purge(newest.at_ms, last.seq);
    });
  }

  /** Skips entries that are stored already: an entry whose confirmation was lost comes again. */
  appendOnce(entries: readonly AuditEntry[]): void {
    this.append(entries.filter((entry) => !this.has(entry)));
  }

  has(entry: AuditEntry): boolean {
    const text = JSON.stringify(entry);
    return rowsOf(
      this.#sql,
      knownRow,
      "SELECT entry FROM audit WHERE call = ?",
      entry.call_id,
    ).some((row) => row.entry === text);
  }

  #insert(entry: AuditEntry, last: AuditMark): AuditMark {
    const text = JSON.stringify(entry);
    const mark = { seq: last.seq + 1, hash: chainHash(last.hash, text) };
    this.#sql.exec(
      `INSERT INTO audit (seq, at, entry, call, hash, principal, action, target, outcome)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      mark.seq,
      entry.at_ms,
      text,
      entry.call_id,
      mark.hash,
      entry.principal,
      entry.action,
      targetOf(entry),
      entry.outcome ?? null,
    );
    return mark;
  }

  /**
   * For a log that nothing is appended to, and names that no line needs any more. True if more is due than is
   * deleted at once.
   */
  purge(nowMs: number): boolean {
    return this.#storage.transactionSync(() => {
      const isMoreDue = this.#purge(nowMs, this.#last().seq);
      if (!isMoreDue) forgetFormer(this.#sql, nowMs - this.#keptMs());
      return isMoreDue;
    });
  }

  /** When its oldest line expires. Undefined if there is none. */
  nextEndMs(): number | undefined {
    const [first] = this.#oldest(1);
    return first === undefined ? undefined : first.at + this.#keptMs();
  }

  #last(): AuditMark {
    const [last] = rowsOf(
      this.#sql,
      lastRow,
      "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
    );
    return last ?? readFloor(this.#sql);
  }

  /**
   * Deletes only from the beginning, and keeps the hash that the next one's covers, so that what stays is still a
   * chain. Nearly always the oldest line shows that nothing is due, and an append reads no more than that.
   */
  #purge(nowMs: number, newestSeq: number): boolean {
    const keptSinceMs = nowMs - this.#keptMs();
    const overSeq = newestSeq - MAX_ENTRIES;
    const [first] = this.#oldest(1);
    if (first === undefined || (first.at >= keptSinceMs && first.seq > overSeq)) return false;
    const oldest = this.#oldest(MAX_PURGED);
    const firstKept = oldest.findIndex(({ at }) => at >= keptSinceMs);
    const tooOld = firstKept < 0 ? oldest.at(-1) : oldest[firstKept - 1];
    const lastSeq = Math.max(tooOld?.seq ?? 0, overSeq);
    storeFloor(this.#sql, lastSeq);
    this.#sql.exec("DELETE FROM audit WHERE seq <= ?", lastSeq);
    return firstKept < 0 && oldest.length === MAX_PURGED;
  }

  #keptMs(): number {
    return readSettings(this.#sql).retention_days * DAY_MS;
  }

  #oldest(count: number): z.infer<typeof oldestRow>[] {
    const query = "SELECT seq, at FROM audit ORDER BY seq LIMIT ?";
    return rowsOf(this.#sql, oldestRow, query, count);
  }
}

function targetOf(entry: AuditEntry): string | null {
  if ("instance" in entry) return entry.instance ?? null;
  return "target" in entry ? (entry.target ?? null) : null;
}
