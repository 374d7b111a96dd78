/** What is missing among samples, and how far that can be known. */
import type { JsonObject } from "../../json/json.ts";
import type { Gap } from "../../link/methods/samples-read.ts";
import type { Loss } from "../../link/sample.ts";

export interface Missing {
  readonly loss: Loss;
  readonly gaps: readonly Gap[];
}

/** `dropped_events`, `loss`, and the gaps, if any. */
export function shownLoss({ loss, gaps }: Missing): JsonObject {
  const summed = gapsByReason(gaps);
  const isUncounted = loss === "not_visible" || summed.some(({ missed }) => missed === null);
  const dropped = summed.reduce((sum, { missed }) => sum + (missed ?? 0), 0);
  const warning = summed.some(({ reason }) => reason === "lost_at_host")
    ? { warning: OVERRUN }
    : {};
  return {
    dropped_events: isUncounted ? null : dropped,
    loss,
    ...(summed.length > 0 ? { gaps: summed, ...warning } : {}),
  };
}

const OVERRUN =
  "The host's queue for this subscription was full and it dropped samples. Reduce the subscriptions on this host, or give the record a larger buffer.";

/** A gap has no place among the samples, so two of one reason are merged. */
export function gapsByReason(gaps: readonly Gap[]): Gap[] {
  const missed = new Map<Gap["reason"], number | null>();
  for (const gap of gaps) {
    const before = missed.get(gap.reason);
    const unknown = gap.missed === null || before === null;
    missed.set(gap.reason, unknown ? null : (before ?? 0) + (gap.missed ?? 0));
  }
  return Array.from(missed, ([reason, count]) => ({ reason, missed: count }));
}
