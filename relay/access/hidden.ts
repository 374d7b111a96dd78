/** Records that the device file hides appear nowhere: not in lists, counts, graphs or suggestions. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { matchesGlob } from "#shared/text/glob.ts";
import { isJsonObject, type JsonValue } from "#shared/json/json.ts";

export function isHidden(key: string, hiddenRecords: readonly string[]): boolean {
  return hiddenRecords.some((glob) => matchesGlob(glob, key));
}

export function withoutHidden(
  rows: readonly RecordRow[],
  hiddenRecords: readonly string[],
): RecordRow[] {
  return rows.filter(({ record_key }) => !isHidden(record_key, hiddenRecords));
}

/** A copy of `value`, which names records, with null for those in `hidden`. */
export function withoutHiddenNames(value: JsonValue, hidden: ReadonlySet<string>): JsonValue {
  if (typeof value === "string") return hidden.has(value) ? null : value;
  if (Array.isArray(value)) return value.map((item) => withoutHiddenNames(item, hidden));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item = null]) => [name, withoutHiddenNames(item, hidden)]),
  );
}
