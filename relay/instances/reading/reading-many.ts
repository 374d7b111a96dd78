/** The current values of several records in one answer, each with its own outcome. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { err, type Result } from "#shared/result.ts";
import type { Clock } from "../../clock.ts";
import { printedBytes } from "../../printed-bytes.ts";
import { waitUntilSettled } from "../../wait-until.ts";
import type { CatalogView } from "../catalog.ts";
import type { InstanceContext } from "../context.ts";
import type { RecordReading } from "./reading.ts";
import { resolveRecord } from "./resolve-record.ts";

/**
 * A read times out this long before it is abandoned, and it is abandoned this long before the call's deadline, so that
 * what did arrive is answered.
 */
const ANSWER_MARGIN_MS = 50;

export interface ReadManyRequest {
  readonly view: CatalogView;
  readonly names: readonly string[];
  readonly timeoutMs: number;
  readonly read: (row: RecordRow, timeoutMs: number) => Promise<Result<RecordReading, Failure>>;
}

export interface ReadEntry {
  /** As it was asked for. */
  readonly name: string;
  readonly reading: Result<RecordReading, Failure>;
}

/**
 * Observed records at once. The others share one place at the host, so they take it one after the
 * other, as far as the time goes.
 */
export async function readMany(
  { observer, clock }: Pick<InstanceContext, "observer" | "clock">,
  { view, names, timeoutMs, read }: ReadManyRequest,
): Promise<ReadEntry[]> {
  const dueMs = clock.monotonicMs() + timeoutMs - 2 * ANSWER_MARGIN_MS;
  let turn: Promise<unknown> = Promise.resolve();
  const readInTurn = (row: RecordRow): Promise<Result<RecordReading, Failure>> => {
    const reading = turn.then(() => {
      const leftMs = dueMs - clock.monotonicMs();
      return leftMs > 0 ? read(row, leftMs) : err(NO_TIME_LEFT);
    });
    turn = reading.catch(() => {});
    return reading;
  };
  return Promise.all(
    names.map(async (name) => {
      const row = resolveRecord(view.rows, name);
      if (!row.ok) return { name, reading: row };
      const isInTurn = observer.mode(row.value) === "on_demand";
      const reading = isInTurn
        ? readInTurn(row.value)
        : read(row.value, dueMs - clock.monotonicMs());
      return { name, reading: await before(dueMs + ANSWER_MARGIN_MS, clock, reading) };
    }),
  );
}

/** The request at the host goes on, but nobody takes its answer. */
async function before(
  dueMs: number,
  clock: Clock,
  reading: Promise<Result<RecordReading, Failure>>,
): Promise<Result<RecordReading, Failure>> {
  const waitMs = Math.max(1, dueMs - clock.monotonicMs());
  const over = waitUntilSettled(reading, { clock, waitMs });
  return Promise.race([reading, over.then(() => err(SLOW))]);
}

const SLOW = failure("instance_slow", "The AimDB process did not answer within the deadline.");
const NO_TIME_LEFT = failure(
  "too_many_subscriptions",
  "The host's subscriptions are all in use, and no time was left to take turns. Ask for this record alone.",
);

/** What one answer carries; each entry counts a little beside its value. */
const MAX_ENTRIES_BYTES = 240_000;
const ENTRY_OVERHEAD_BYTES = 400;

/**
 * Values that no longer fit are refused one by one, so that the others arrive. `bytesBeside`: of what an answer has
 * beside a record's value.
 */
export function fitting(
  entries: readonly ReadEntry[],
  bytesBeside: (recordKey: string) => number = () => 0,
): ReadEntry[] {
  let bytes = 0;
  return entries.map(({ name, reading }) => {
    const size = reading.ok ? sizeOf(reading.value) + bytesBeside(reading.value.recordKey) : 0;
    const isFitting = bytes + size + ENTRY_OVERHEAD_BYTES <= MAX_ENTRIES_BYTES;
    if (!isFitting && reading.ok) return { name, reading: err(TOO_LARGE) };
    bytes += size + ENTRY_OVERHEAD_BYTES;
    return { name, reading };
  });
}

function sizeOf({ sample }: RecordReading): number {
  return printedBytes(sample.value);
}

const TOO_LARGE = failure(
  "too_large",
  "The values together are over 256 KiB, more than a link carries. Ask for this record alone.",
);
