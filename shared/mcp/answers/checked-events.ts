/** The events of a call that checked each of them: all, or the newest that fit and what is known of the others. */
import type { JsonObject } from "../../json/json.ts";
import type { EventRun } from "../asking/event-run.ts";
import { byteLength } from "./fit.ts";
import { presentableText } from "./presentable.ts";
import { newestFitting, shownSamples, type Shown } from "./shown-samples.ts";

/** A host's time is shorter. */
const MAX_TIME_LENGTH = 40;

export function checkedEvents(
  { samples, count, checked, stoppedBy }: EventRun,
  shown: Shown,
): JsonObject {
  if (count <= 1) return { events: shownSamples(samples, shown) };
  const all = newestFitting(samples, shown.maxBytes);
  if (all.length === count) return { events: all };
  const about = {
    events_not_shown: count,
    checked_from: timeOf(checked.first?.timestamp),
    checked_to: timeOf(checked.last?.timestamp),
    note: NOT_SHOWN,
  };
  const maxBytes = shown.maxBytes - byteLength(about);
  // What led to the event that met the condition says more than what came after it.
  const last = stoppedBy === undefined ? -1 : samples.indexOf(stoppedBy);
  const before = last === -1 ? samples : samples.slice(0, last + 1);
  const newest = newestFitting(before, maxBytes);
  const events =
    newest.length > 0 ? newest : shownSamples(before.slice(-1), { ...shown, maxBytes });
  return { events, ...about, events_not_shown: count - events.length };
}

const NOT_SHOWN =
  "All were checked and are in stats; those not shown are not lost: query_history has what is still kept.";

function timeOf(timestamp: string | undefined): string | undefined {
  return timestamp === undefined ? undefined : presentableText(timestamp, MAX_TIME_LENGTH);
}
