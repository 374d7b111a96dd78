/** What `record.query` answers from: the persisted values, bounded. */

import type { Matcher } from "./topic-pattern.ts";

export type HistoryRow = {
  readonly record: string;
  readonly storedAtMs: bigint;
  /** JSON text of the value. */
  readonly text: string;
};

export type HistoryQuery = {
  readonly matches: Matcher;
  readonly limitPerRecord: bigint;
  readonly startMs?: bigint | undefined;
  readonly endMs?: bigint | undefined;
};

/** At two samples a second more than an hour, and little memory. */
const MAX_ROWS = 10_000;

export class History {
  readonly #maxRows: number;
  #rows: HistoryRow[] = [];

  constructor(maxRows = MAX_ROWS) {
    this.#maxRows = maxRows;
  }

  store(row: HistoryRow): void {
    this.#rows.push(row);
    // Dropping the older half at a time keeps storing cheap.
    if (this.#rows.length > 2 * this.#maxRows) this.#rows = this.#rows.slice(-this.#maxRows);
  }

  /** Newest first. */
  select({ matches, limitPerRecord, startMs, endMs }: HistoryQuery): readonly HistoryRow[] {
    const found: HistoryRow[] = [];
    const counts = new Map<string, bigint>();
    for (const row of this.#rows.slice(-this.#maxRows).reverse()) {
      const count = counts.get(row.record) ?? 0n;
      const isInTime =
        (startMs === undefined || row.storedAtMs >= startMs) &&
        (endMs === undefined || row.storedAtMs <= endMs);
      if (isInTime && count < limitPerRecord && matches(row.record)) {
        counts.set(row.record, count + 1n);
        found.push(row);
      }
    }
    return found;
  }
}
