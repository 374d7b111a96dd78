/** What a slow line is asked to carry of samples. Pure. */
import type { LagBound } from "../instances/observing/watching.ts";

export interface Line {
  /** What it carries, in characters of frames a second; undefined where it is not known to be narrow. */
  readonly perSecond: number | undefined;
  /** The worker knows the gap `link_slow`. */
  readonly knowsSlow: boolean;
}

/**
 * An answer takes so much of the line, so that others have theirs; some samples in any case. More than a round trip, or a
 * line that became faster would never be seen to be.
 */
const ANSWER_S = 1.5;
const MIN_ANSWER_BYTES = 4_096;

/** A reader that is further behind does not catch up while the record goes on. A fast line carries all that is kept in less. */
const MAX_LAG_S = 5;
const KEPT_S = 1.5;

export function answerBytes(maxBytes: number, line: Line | undefined): number {
  if (line?.perSecond === undefined) return maxBytes;
  return Math.min(maxBytes, Math.max(MIN_ANSWER_BYTES, Math.round(line.perSecond * ANSWER_S)));
}

export function lagBound(line: Line | undefined): LagBound | undefined {
  if (line?.perSecond === undefined) return undefined;
  return {
    maxBytes: line.perSecond * MAX_LAG_S,
    keptBytes: line.perSecond * KEPT_S,
    reason: line.knowsSlow ? "link_slow" : "not_kept",
  };
}
