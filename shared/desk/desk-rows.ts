/**
 * What a desk remembers between calls: where each reader stands. The samples are the relay's, so
 * nothing runs between two reads. Kept in SQLite by a relay object, in memory beside a host.
 */
import type { Cursor } from "../link/methods/samples-read.ts";

/** Where a read began, so that it can be repeated: its answer may be lost. */
export interface BegunRead {
  readonly id: string;
  readonly cursor: Cursor;
  readonly eventsLeft: number | null;
}

export interface Subscription {
  readonly id: string;
  readonly principal: string;
  readonly instance: string;
  readonly record: string;
  /** Just after the last sample that was delivered. */
  readonly cursor: Cursor;
  /** Null: unbounded. */
  readonly eventsLeft: number | null;
  /** Unix milliseconds. */
  readonly endsAtMs: number;
  readonly usedAtMs: number;
  readonly ended: boolean;
  /** Null before the first, and once it was cancelled. */
  readonly lastRead: BegunRead | null;
}

/** How far a principal has drained a record. */
export interface DrainCursor {
  readonly principal: string;
  readonly instance: string;
  readonly record: string;
  readonly cursor: Cursor;
  readonly usedAtMs: number;
}

export interface DeskRows {
  writeSubscription(subscription: Subscription): void;
  /** Undefined both for an id nobody has and for another principal's. */
  readSubscription(id: string, principal: string): Subscription | undefined;
  countActive(of: Pick<Subscription, "principal" | "instance">, nowMs: number): number;
  forgetSubscriptions(usedBeforeMs: number): void;
  writeDrain(drain: DrainCursor): void;
  readDrain(of: Pick<DrainCursor, "principal" | "instance" | "record">): DrainCursor | undefined;
  forgetDrains(usedBeforeMs: number): void;
}
