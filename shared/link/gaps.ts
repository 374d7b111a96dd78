/** Gaps of one answer. A gap has no place among the samples, so those of one reason are one. */
import type { Gap } from "./methods/samples-read.ts";

/** The sum of an uncountable gap and a counted one is uncountable. */
export function eachReasonOnce(gaps: readonly Gap[]): Gap[] {
  const sums = new Map<Gap["reason"], number | null>();
  for (const { reason, missed } of gaps) {
    const before = sums.get(reason);
    const isUncountable = missed === null || before === null;
    sums.set(reason, isUncountable ? null : (before ?? 0) + missed);
  }
  return Array.from(sums, ([reason, missed]) => ({ reason, missed }));
}
