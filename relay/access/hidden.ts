/** Records that the device file hides appear nowhere: not in lists, counts, graphs or suggestions. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { matchesGlob } from "#shared/glob.ts";

export function withoutHidden(
  rows: readonly RecordRow[],
  hiddenRecords: readonly string[],
): RecordRow[] {
  return rows.filter(
    ({ record_key }) => !hiddenRecords.some((glob) => matchesGlob(glob, record_key)),
  );
}
