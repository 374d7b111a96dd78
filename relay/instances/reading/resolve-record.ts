/** A caller's record name to one row: a key, or a type name that only one record has. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { MAX_KEY_LENGTH } from "#shared/link/limits.ts";
import { nearestNames } from "#shared/text/nearest.ts";
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
  const nearest = nearestNames(name, nameableKeys(rows));
  const hint = nearest.length > 0 ? ` Nearest: ${nearest.join(", ")}.` : "";
  return err(
    failure("unknown_record", `This instance has no such record.${hint} Call list_records.`, {
      nearest,
    }),
  );
}

function severalOfType(rows: readonly RecordRow[]): Failure {
  const nearest = nameableKeys(rows).slice(0, 10);
  return failure(
    "unknown_record",
    `Several records have this type. Name one by its key: ${nearest.join(", ")}.`,
    { nearest },
  );
}

/** Only keys that a call can carry; the others can't be asked for. */
export function nameableKeys(rows: readonly RecordRow[]): string[] {
  return rows.map(({ record_key }) => record_key).filter((key) => key.length <= MAX_KEY_LENGTH);
}
