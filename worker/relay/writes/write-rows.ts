/**
 * The writes of a relay, one row per call id: what was asked, what state it is in, how it ended.
 *
 *   asked --> awaiting_approval --> approved --> sent --> ended
 *   asked --> sent if nobody has to approve
 *   any but sent --> ended,  awaiting_approval --> declined | expired
 *
 * Each step is an UPDATE that requires the previous state, so that it is taken once.
 */
import * as z from "zod/mini";
import { jsonValueSchema, type JsonValue } from "#shared/json/json.ts";
import { writeOutcomeSchema } from "#shared/link/methods/record-set.ts";
import type { EndedOutcome } from "#shared/link/methods/record-set.ts";
import { scopeSchema } from "#shared/access/scope.ts";
import type { Approver } from "../../access/write-policy.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

const DAY_MS = 86_400_000;
const CALL_KEPT_MS = 30 * DAY_MS;
const KEY_KEPT_MS = DAY_MS;
const KEPT = [
  ["write_call", "changed_at", CALL_KEPT_MS],
  ["write_key", "used_at", KEY_KEPT_MS],
] as const;
/** More than are added at a time, so that deleting keeps up. */
const MAX_PURGED = 100;
/** So that calls get their turn in between. */
const PAUSE_MS = 1_000;
const timeRow = z.object({ at: z.number() });
const firstRow = z.object({ at: z.nullable(z.number()) });

const stateSchema = z.enum([
  "asked",
  "awaiting_approval",
  "approved",
  "sent",
  "ended",
  "declined",
  "expired",
]);

/** Cleared when the write has ended: values are kept no longer than needed. */
const askSchema = z.object({
  value: jsonValueSchema,
  expected: z.optional(jsonValueSchema),
  skips_validation: z.boolean(),
  /** The token's id; null for a credential that the team object does not keep. */
  credential: z.nullable(z.string()),
  /** The credential's scopes when it asked. */
  scopes: z.array(scopeSchema),
  /** What the record held when the approver was asked. */
  current: z.optional(jsonValueSchema),
});
type Ask = z.infer<typeof askSchema>;

const writeRow = z.object({
  id: z.string(),
  principal: z.string(),
  person: z.nullable(z.string()),
  instance: z.string(),
  record: z.string(),
  digest: z.string(),
  ask: z.nullable(z.string()),
  state: stateSchema,
  approver: z.nullable(z.enum(["human", "client", "never", "local"])),
  approved_by: z.nullable(z.string()),
  journal_id: z.nullable(z.string()),
  session: z.nullable(z.string()),
  outcome: z.nullable(z.string()),
  asked_at: z.number(),
  expires_at: z.nullable(z.number()),
  changed_at: z.number(),
});

export interface WriteRow extends Omit<z.infer<typeof writeRow>, "ask" | "outcome"> {
  readonly ask: Ask | null;
  readonly outcome: EndedOutcome | null;
}

export interface NewWrite {
  readonly id: string;
  readonly principal: string;
  readonly person: string | null;
  readonly instance: string;
  readonly record: string;
  readonly digest: string;
  readonly ask: Ask;
  readonly key: string | undefined;
}

const OPEN = "('asked', 'awaiting_approval', 'approved', 'sent')";

/** As `isWithDevice`, in SQL. */
const UNRESOLVED = "(state = 'sent' OR (state = 'awaiting_approval' AND approver = 'local'))";

export class WriteRows {
  readonly #sql: Sql;
  readonly #onForgotten: (row: WriteRow) => void;

  /** `onForgotten`: called in the turn in which a row is deleted whose outcome was never reported. */
  constructor(sql: Sql, onForgotten: (row: WriteRow) => void) {
    this.#sql = sql;
    this.#onForgotten = onForgotten;
  }

  /** Returns when the first part of it may be deleted. */
  insert(
    { id, principal, person, instance, record, digest, ask, key }: NewWrite,
    nowMs: number,
  ): number {
    this.#purge(nowMs);
    this.#sql.exec(
      "INSERT INTO write_call (id, principal, person, instance, record, digest, ask, state, asked_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'asked', ?, ?)",
      id,
      principal,
      person,
      instance,
      record,
      digest,
      JSON.stringify(ask),
      nowMs,
      nowMs,
    );
    if (key === undefined) return nowMs + CALL_KEPT_MS;
    this.#sql.exec(
      "INSERT OR REPLACE INTO write_key VALUES (?, ?, ?, ?, ?, ?)",
      principal,
      instance,
      record,
      key,
      id,
      nowMs,
    );
    return nowMs + KEY_KEPT_MS;
  }

  /**
   * Rows are stored in the order in which they were asked, so nearly always the oldest one shows that nothing is
   * due, and a write reads no more than that.
   */
  #purge(nowMs: number): void {
    for (const [table, time, keptMs] of KEPT) {
      const before = nowMs - keptMs;
      const [oldest] = rowsOf(
        this.#sql,
        timeRow,
        `SELECT ${time} AS at FROM ${table} ORDER BY rowid LIMIT 1`,
      );
      if (oldest === undefined || oldest.at >= before) continue;
      this.#deleteBefore(before, table, time);
    }
  }

  /**
   * For the alarm, in case no write comes that cleans up: deletes a part of what has expired. Returns when to go
   * on: in a second if more is due, otherwise in a day at the soonest; Infinity if nothing is kept.
   */
  clean(nowMs: number): number {
    let endsAtMs = Infinity;
    for (const [table, time, keptMs] of KEPT) {
      this.#deleteBefore(nowMs - keptMs, table, time);
      const [first] = rowsOf(
        this.#sql,
        firstRow,
        `SELECT MIN(at) AS at FROM (SELECT ${time} AS at FROM ${table} ORDER BY rowid LIMIT ?)`,
        MAX_PURGED,
      );
      endsAtMs = Math.min(endsAtMs, (first?.at ?? Infinity) + keptMs);
    }
    return endsAtMs < nowMs ? nowMs + PAUSE_MS : Math.max(endsAtMs, nowMs + DAY_MS);
  }

  #deleteBefore(before: number, table: string, time: string): void {
    const goes = `${time} < ? AND rowid IN (SELECT rowid FROM ${table} ORDER BY rowid LIMIT ?)`;
    if (table === "write_call") {
      const open = this.#rows(`WHERE ${goes} AND ${UNRESOLVED}`, before, MAX_PURGED);
      for (const row of open) this.#onForgotten(row);
    }
    this.#sql.exec(`DELETE FROM ${table} WHERE ${goes}`, before, MAX_PURGED);
  }

  find(id: string): WriteRow | undefined {
    return this.#rows("WHERE id = ?", id)[0];
  }

  findByKey(
    {
      principal,
      instance,
      record,
      key,
    }: Required<Pick<NewWrite, "principal" | "instance" | "record">> & {
      readonly key: string;
    },
    nowMs: number,
  ): WriteRow | undefined {
    return this.#rows(
      "WHERE id IN (SELECT call FROM write_key WHERE principal = ? AND instance = ? AND record = ? AND key = ? AND used_at >= ?)",
      principal,
      instance,
      record,
      key,
      nowMs - KEY_KEPT_MS,
    )[0];
  }

  /** An equal write of the same principal that waits for an approval. */
  findWaiting(principal: string, digest: string): WriteRow | undefined {
    return this.#rows(
      "WHERE principal = ? AND digest = ? AND state = 'awaiting_approval'",
      principal,
      digest,
    )[0];
  }

  /** Those whose outcome only the device knows. */
  unresolved(): WriteRow[] {
    return this.#rows(`WHERE ${UNRESOLVED}`);
  }

  open(): WriteRow[] {
    return this.#rows(`WHERE state IN ${OPEN}`);
  }

  /** Those that are being decided on, or approved but not sent. */
  unsent(): WriteRow[] {
    return this.#rows("WHERE state IN ('asked', 'approved')");
  }

  /** The device names a record by its key. */
  setRecord(id: string, record: string): void {
    this.#sql.exec("UPDATE write_call SET record = ? WHERE id = ?", record, id);
  }

  setCurrent(row: WriteRow, current: JsonValue | undefined): void {
    const { current: _before, ...ask } = row.ask ?? EMPTY_ASK;
    const now = current === undefined ? ask : { ...ask, current };
    this.#sql.exec(
      "UPDATE write_call SET ask = ? WHERE id = ? AND ask IS NOT NULL",
      JSON.stringify(now),
      row.id,
    );
  }

  await(id: string, approver: Approver, expiresAtMs: number, nowMs: number): boolean {
    return this.#step(
      "state = 'awaiting_approval', approver = ?, expires_at = ?, changed_at = ? WHERE id = ? AND state IN ('asked', 'sent')",
      approver,
      expiresAtMs,
      nowMs,
      id,
    );
  }

  /** Once: a second approval finds another state. */
  approve(id: string, by: string | null, nowMs: number): boolean {
    return this.#step(
      "state = 'approved', approved_by = ?, changed_at = ? WHERE id = ? AND state = 'awaiting_approval'",
      by,
      nowMs,
      id,
    );
  }

  send(
    id: string,
    on: { readonly id: string; readonly journalId: string | null },
    nowMs: number,
  ): boolean {
    return this.#step(
      "state = 'sent', session = ?, journal_id = ?, changed_at = ? WHERE id = ? AND state IN ('asked', 'approved')",
      on.id,
      on.journalId,
      nowMs,
      id,
    );
  }

  end(id: string, outcome: EndedOutcome, nowMs: number): boolean {
    return this.#step(
      `state = 'ended', outcome = ?, ask = NULL, changed_at = ? WHERE id = ? AND state IN ${OPEN}`,
      JSON.stringify(outcome),
      nowMs,
      id,
    );
  }

  decline(id: string, by: string, nowMs: number): boolean {
    return this.#step(
      "state = 'declined', approved_by = ?, ask = NULL, changed_at = ? WHERE id = ? AND state = 'awaiting_approval'",
      by,
      nowMs,
      id,
    );
  }

  /** Those that nobody decided in time. What waits at the device is ended by the device. */
  expire(nowMs: number): WriteRow[] {
    const late = this.#rows(
      "WHERE state = 'awaiting_approval' AND approver <> 'local' AND expires_at <= ?",
      nowMs,
    );
    for (const { id } of late) {
      this.#step("state = 'expired', ask = NULL, changed_at = ? WHERE id = ?", nowMs, id);
    }
    return late;
  }

  /** When the next one expires; undefined if none waits. */
  nextExpiryMs(): number | undefined {
    const [first] = rowsOf(
      this.#sql,
      firstRow,
      "SELECT MIN(expires_at) AS at FROM write_call WHERE state = 'awaiting_approval' AND approver <> 'local'",
    );
    return first?.at ?? undefined;
  }

  #step(change: string, ...bindings: (string | number | null)[]): boolean {
    const changed = this.#sql.exec(`UPDATE write_call SET ${change} RETURNING id`, ...bindings);
    return changed.toArray().length > 0;
  }

  #rows(where: string, ...bindings: (string | number | null)[]): WriteRow[] {
    return rowsOf(this.#sql, writeRow, `SELECT * FROM write_call ${where}`, ...bindings).map(
      ({ ask, outcome, ...row }) => ({
        ...row,
        ask: ask === null ? null : askSchema.parse(JSON.parse(ask)),
        outcome: outcome === null ? null : endedOutcome(JSON.parse(outcome)),
      }),
    );
  }
}

const EMPTY_ASK: Ask = { value: null, skips_validation: false, credential: null, scopes: [] };

/** Only the device knows how it ends. */
export function isWithDevice({ state, approver }: WriteRow): boolean {
  return state === "sent" || (state === "awaiting_approval" && approver === "local");
}

/** Undefined for anything but a write's outcome. */
export function toEnded(value: unknown): EndedOutcome | undefined {
  const parsed = safeParse(writeOutcomeSchema, value);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  return "echo" in data || "code" in data ? data : undefined;
}

function endedOutcome(value: unknown): EndedOutcome {
  const outcome = toEnded(value);
  if (outcome === undefined) throw new Error("A write's row holds no outcome");
  return outcome;
}
