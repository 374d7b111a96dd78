/** What the wire does not tell is null, and why it is stands beside it. */
import type { JsonObject } from "../../json.ts";

/** `why_null` for those of the fields that are null in a row; nothing where none is. */
export function whyNull(
  rows: readonly JsonObject[],
  reasons: Readonly<Record<string, string>>,
): JsonObject {
  const untold = Object.entries(reasons).filter(([field]) =>
    rows.some((row) => row[field] === null),
  );
  return untold.length === 0 ? {} : { why_null: Object.fromEntries(untold) };
}
