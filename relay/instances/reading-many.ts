/** The current values of several records in one answer, each with its own outcome. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { err, type Result } from "#shared/result.ts";
import type { CatalogView } from "./catalog.ts";
import type { InstanceContext } from "./context.ts";
import type { RecordReading } from "./reading.ts";
import { resolveRecord } from "./resolve-record.ts";

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
  { observer, clock }: InstanceContext,
  { view, names, timeoutMs, read }: ReadManyRequest,
): Promise<ReadEntry[]> {
  const dueMs = clock.monotonicMs() + timeoutMs;
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
      return {
        name,
        reading: await (isInTurn ? readInTurn(row.value) : read(row.value, timeoutMs)),
      };
    }),
  );
}

const NO_TIME_LEFT = failure(
  "too_many_subscriptions",
  "The host's subscriptions are all in use, and no time was left to take turns. Ask for this record alone.",
);

/** What one answer carries; each entry counts a little beside its value. */
const MAX_ENTRIES_BYTES = 240_000;
const ENTRY_OVERHEAD_BYTES = 400;

/** Values that do not fit any more are refused one by one, so that the others arrive. */
export function fitting(entries: readonly ReadEntry[]): ReadEntry[] {
  let bytes = 0;
  return entries.map(({ name, reading }) => {
    const size = reading.ok ? Buffer.byteLength(JSON.stringify(reading.value.sample.value)) : 0;
    const isFitting = bytes + size + ENTRY_OVERHEAD_BYTES <= MAX_ENTRIES_BYTES;
    if (!isFitting && reading.ok) return { name, reading: err(TOO_LARGE) };
    bytes += size + ENTRY_OVERHEAD_BYTES;
    return { name, reading };
  });
}

const TOO_LARGE = failure(
  "too_large",
  "The values together are over 256 KiB, more than a link carries. Ask for this record alone.",
);
