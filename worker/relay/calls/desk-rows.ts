/** A desk's rows in the relay object's SQLite, so that they outlive its sleep. */
import * as z from "zod/mini";
import type { BegunRead, DeskRows, DrainCursor, Subscription } from "#shared/desk/desk-rows.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

const countRow = z.object({ n: z.number() });
const subscriptionRow = z.object({
  id: z.string(),
  principal: z.string(),
  instance: z.string(),
  record: z.string(),
  epoch: z.string(),
  sequence: z.number(),
  events_left: z.nullable(z.number()),
  ends_at: z.number(),
  used_at: z.number(),
  ended: z.number(),
  last_read: z.nullable(z.string()),
  last_epoch: z.nullable(z.string()),
  last_sequence: z.nullable(z.number()),
  last_events_left: z.nullable(z.number()),
});

const drainRow = z.object({ epoch: z.string(), sequence: z.number(), used_at: z.number() });

export class SqlDeskRows implements DeskRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  writeSubscription(subscription: Subscription): void {
    const { id, principal, instance, record, cursor, eventsLeft, endsAtMs, usedAtMs, ended } =
      subscription;
    const { lastRead } = subscription;
    this.#sql.exec(
      `INSERT OR REPLACE INTO subscription (id, principal, instance, record, epoch, sequence, events_left, ends_at,
         used_at, ended, last_read, last_epoch, last_sequence, last_events_left)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      principal,
      instance,
      record,
      cursor.epoch,
      cursor.sequence,
      eventsLeft,
      endsAtMs,
      usedAtMs,
      ended ? 1 : 0,
      lastRead?.id ?? null,
      lastRead?.cursor.epoch ?? null,
      lastRead?.cursor.sequence ?? null,
      lastRead?.eventsLeft ?? null,
    );
  }

  readSubscription(id: string, principal: string): Subscription | undefined {
    const [row] = rowsOf(
      this.#sql,
      subscriptionRow,
      "SELECT * FROM subscription WHERE id = ? AND principal = ?",
      id,
      principal,
    );
    if (row === undefined) return undefined;
    const { epoch, sequence, events_left, ends_at, used_at, ended } = row;
    return {
      id,
      principal,
      instance: row.instance,
      record: row.record,
      cursor: { epoch, sequence },
      eventsLeft: events_left,
      endsAtMs: ends_at,
      usedAtMs: used_at,
      ended: ended === 1,
      lastRead: lastReadOf(row),
    };
  }

  countActive(
    { principal, instance }: Pick<Subscription, "principal" | "instance">,
    nowMs: number,
  ): number {
    const [row] = rowsOf(
      this.#sql,
      countRow,
      "SELECT COUNT(*) AS n FROM subscription WHERE principal = ? AND instance = ? AND ended = 0 AND ends_at > ?",
      principal,
      instance,
      nowMs,
    );
    return row?.n ?? 0;
  }

  forgetSubscriptions(usedBeforeMs: number): void {
    this.#sql.exec("DELETE FROM subscription WHERE used_at < ?", usedBeforeMs);
  }

  writeDrain({ principal, instance, record, cursor, usedAtMs }: DrainCursor): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO drain_cursor VALUES (?, ?, ?, ?, ?, ?)",
      principal,
      instance,
      record,
      cursor.epoch,
      cursor.sequence,
      usedAtMs,
    );
  }

  readDrain({
    principal,
    instance,
    record,
  }: Pick<DrainCursor, "principal" | "instance" | "record">): DrainCursor | undefined {
    const [row] = rowsOf(
      this.#sql,
      drainRow,
      "SELECT epoch, sequence, used_at FROM drain_cursor WHERE principal = ? AND instance = ? AND record = ?",
      principal,
      instance,
      record,
    );
    if (row === undefined) return undefined;
    const { epoch, sequence, used_at: usedAtMs } = row;
    return { principal, instance, record, cursor: { epoch, sequence }, usedAtMs };
  }

  forgetDrains(usedBeforeMs: number): void {
    this.#sql.exec("DELETE FROM drain_cursor WHERE used_at < ?", usedBeforeMs);
  }
}

function lastReadOf({
  last_read: id,
  last_epoch: epoch,
  last_sequence: sequence,
  last_events_left: eventsLeft,
}: z.infer<typeof subscriptionRow>): BegunRead | null {
  if (id === null || epoch === null || sequence === null) return null;
  return { id, cursor: { epoch, sequence }, eventsLeft };
}
