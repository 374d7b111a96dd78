/**
 * Where a read of a subscription or a drain begins, as its readers carry it: `<sequence>.<events left>.<epoch>`, opaque
 * to them. Pure.
 */
import { failure } from "../failure.ts";
import type { Cursor } from "../link/methods/samples-read.ts";
import type { LinkSample } from "../link/sample.ts";

export interface ReadingPosition {
  readonly cursor: Cursor;
  /** Null: unbounded. */
  readonly eventsLeft: number | null;
}

/** Twice what the longest takes: fifteen digits, five, and an epoch of forty. */
export const MAX_POSITION_LENGTH = 128;

const POSITION = /^(\d{1,15})\.(\d{0,5})\.(.{0,40})$/s;

export function printPosition({ cursor, eventsLeft }: ReadingPosition): string {
  return `${cursor.sequence}.${eventsLeft ?? ""}.${cursor.epoch}`;
}

/** Undefined for a text that `printPosition` never gave. */
export function parsePosition(text: string): ReadingPosition | undefined {
  const found = POSITION.exec(text);
  if (found === null) return undefined;
  const [, sequence, left = "", epoch = ""] = found;
  return {
    cursor: { epoch, sequence: Number(sequence) },
    eventsLeft: left === "" ? null : Number(left),
  };
}

/** As far as is known: positions in two epochs can't be compared. */
export function isBehind(
  { epoch, sequence }: Pick<LinkSample, "epoch" | "sequence">,
  other: Cursor,
): boolean {
  return epoch === other.epoch && (sequence ?? 0) > other.sequence;
}

export const BAD_POSITION = failure(
  "invalid_input",
  "This cursor was not given out here. Use next_cursor of an earlier answer, or leave cursor out to continue.",
);
