/** A caller's record name to one row: a key, or a type name that only one record has. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { MAX_KEY_LENGTH } from "#shared/link/limits.ts";
import { nearestRecords } from "#shared/text/nearest.ts";
import { err, ok, type Result } from "#shared/result.ts";

export function resolveRecord(
  rows: readonly RecordRow[],
  name: string,
): Result<RecordRow, Failure> {
  const byKey = rows.find((row) => row.record_key === name);
  if (byKey !== undefined) return ok(byKey);
  const byType = rows.filter((row) => row.type_name === name);
  const [only, ...others] = byType;
  if (only !== undefined && others.length === 0) return ok(only);
  if (only !== undefined) return err(severalOfType(byType));
  const nearest = nearestKeys(rows, name);
  const hint = nearest.length > 0 ? ` Nearest: ${nearest.join(", ")}.` : "";
  return err(
    failure("unknown_record", `This instance has no such record.${hint} Call list_records.`, {
      nearest,
    }),
  );
}

function severalOfType(rows: readonly RecordRow[]): Failure {
  const keys = nameable(rows).map(({ record_key }) => record_key);
  const nearest = keys.slice(0, 10);
  const more = keys.length > nearest.length ? `, and ${keys.length - nearest.length} more` : "";
  return failure(
    "unknown_record",
    `Several records have this type. Name one by its key: ${nearest.join(", ")}${more}.`,
    { nearest },
  );
}

export function nearestKeys(rows: readonly RecordRow[], name: string): string[] {
  return nearestRecords(
    name,
    nameable(rows).map(({ record_key: key, type_name }) => ({ key, type_name })),
  );
}

/** Only keys that a call can carry; the others can't be asked for. */
function nameable(rows: readonly RecordRow[]): RecordRow[] {
  return rows.filter(({ record_key }) => record_key.length <= MAX_KEY_LENGTH);
}
