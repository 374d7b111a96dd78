/** What is missing among samples, and how far that can be known. */
import type { JsonObject } from "../../json/json.ts";
import { eachReasonOnce } from "../../link/gaps.ts";
import type { Gap } from "../../link/methods/samples-read.ts";
import type { Loss } from "../../link/sample.ts";

export interface Missing {
  readonly loss: Loss;
  readonly gaps: readonly Gap[];
}

/** `dropped_events`, `loss`, and the gaps, if any. */
export function shownLoss({ loss, gaps }: Missing): JsonObject {
  const summed = eachReasonOnce(gaps);
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
