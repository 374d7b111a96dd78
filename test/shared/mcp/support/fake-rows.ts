/** How rows are found, and what is said of those that are not. */
import { failure, type Failure } from "#shared/failure.ts";
import type { ListedRecord } from "#shared/fleet/fleet.ts";
import { isGlob, matchesGlob } from "#shared/text/glob.ts";
import type { MethodResult } from "#shared/link/method.ts";
import { nearestRecords } from "#shared/text/nearest.ts";

export function findRow(rows: readonly ListedRecord[], name: string): ListedRecord | undefined {
  const [byType, ...others] = rows.filter(({ type_name }) => type_name === name);
  const byKey = rows.find(({ record_key }) => record_key === name);
  return byKey ?? (others.length === 0 ? byType : undefined);
}

export function isNamed({ record_key, type_name }: ListedRecord, filter: string): boolean {
  if (isGlob(filter)) return matchesGlob(filter, record_key);
  return `${record_key} ${type_name}`.toLowerCase().includes(filter.toLowerCase());
}

export function unknownRecord(record: string, rows: readonly ListedRecord[]): Failure {
  return failure("unknown_record", "No such record.", { nearest: nearestKeys(record, rows) });
}

export function pageOf(
  rows: readonly ListedRecord[],
  offset: number,
  limit: number,
): { records: ListedRecord[]; total: number; nextOffset: number | null } {
  const records = rows.slice(offset, offset + limit);
  const end = offset + records.length;
  return { records, total: rows.length, nextOffset: end < rows.length ? end : null };
}

export function nearestOf(
  filter: string | undefined,
  rows: readonly ListedRecord[],
): { nearest?: string[] } {
  return filter === undefined ? {} : { nearest: nearestKeys(filter, rows) };
}

function nearestKeys(name: string, rows: readonly ListedRecord[]): string[] {
  return nearestRecords(
    name,
    rows.map(({ record_key: key, type_name }) => ({ key, type_name })),
  );
}

export function withoutMetrics(records: readonly ListedRecord[]): MethodResult<"diagnostics.get"> {
  return {
    has_metrics: false,
    has_profiling: false,
    records: records.map(({ record_key, type_name, buffer_type }) => ({
      record_key,
      type_name,
      buffer_type,
      kept_samples: 0,
      kept_bytes: 0,
    })),
    total: records.length,
    next_offset: null,
    relay: { subscriptions: 1, max_subscriptions: 8, store_bytes: 0, store_limit_bytes: 1_000_000 },
  };
}
