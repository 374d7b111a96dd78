/**
 * Subscriptions as cursors: a row says where its reader stands, the relay keeps the samples. Nothing
 * runs between two reads, so the object may sleep.
 */
import { failure } from "#shared/failure.ts";
import type { Cursor } from "#shared/link/method.ts";
import * as z from "zod/mini";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";

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
});

export const MAX_SUBSCRIPTIONS_PER_INSTANCE = 5;

/** A subscription ends so long after its last call, whatever its duration. */
export const IDLE_END_MS = 10 * 60_000;

/** The same for an id nobody has, another principal's and another team's. */
export const UNKNOWN_SUBSCRIPTION = failure(
  "unknown_subscription",
  "There is no such subscription, or it has ended.",
);

export interface Subscription {
  readonly id: string;
  readonly principal: string;
  readonly instance: string;
  readonly record: string;
  /** Behind the last sample that was delivered. */
  readonly cursor: Cursor;
  /** Null is no bound. */
  readonly eventsLeft: number | null;
  /** Unix milliseconds. */
  readonly endsAtMs: number;
  readonly usedAtMs: number;
  readonly ended: boolean;
}

/** Ended ones are remembered for IDLE_END_MS, so that ending one twice can be told from a wrong id. */
export function forgetOldSubscriptions(sql: Sql, nowMs: number): void {
  sql.exec("DELETE FROM subscription WHERE used_at < ?", nowMs - IDLE_END_MS);
}

export function countActive(
  sql: Sql,
  { principal, instance }: Pick<Subscription, "principal" | "instance">,
  nowMs: number,
): number {
  const [row] = rowsOf(
    sql,
    countRow,
    "SELECT COUNT(*) AS n FROM subscription WHERE principal = ? AND instance = ? AND ended = 0 AND ends_at > ?",
    principal,
    instance,
    nowMs,
  );
  return row?.n ?? 0;
}

export function writeSubscription(sql: Sql, subscription: Subscription): void {
  const { id, principal, instance, record, cursor, eventsLeft, endsAtMs, usedAtMs, ended } =
    subscription;
  sql.exec(
    "INSERT OR REPLACE INTO subscription VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
  );
}

/** Undefined alike for an id nobody has and for another principal's. */
export function readSubscription(
  sql: Sql,
  id: string,
  principal: string,
): Subscription | undefined {
  const [row] = rowsOf(
    sql,
    subscriptionRow,
    "SELECT * FROM subscription WHERE id = ? AND principal = ?",
    id,
    principal,
  );
  if (row === undefined) return undefined;
  const { epoch, sequence, events_left, ends_at, used_at, ended, ...same } = row;
  return {
    ...same,
    cursor: { epoch, sequence },
    eventsLeft: events_left,
    endsAtMs: ends_at,
    usedAtMs: used_at,
    ended: ended === 1,
  };
}
