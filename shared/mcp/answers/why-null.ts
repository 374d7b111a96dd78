/** What the wire does not carry is null, with the reason beside it. */
import type { JsonObject } from "../../json/json.ts";

/** `why_null` for the fields that are null in any row; nothing if none is. */
export function whyNull(
  rows: readonly JsonObject[],
  reasons: Readonly<Record<string, string>>,
): JsonObject {
  const untold = Object.entries(reasons).filter(([field]) =>
    rows.some((row) => row[field] === null),
  );
  return untold.length === 0 ? {} : { why_null: Object.fromEntries(untold) };
}
