/** From what a relay answered to the events of one record, each with the place behind it. Pure. */
import type { LinkSample } from "#shared/link/sample.ts";
import type { Cursor, Gap } from "#shared/link/methods/samples-read.ts";

export interface SamplesRead {
  /** Oldest first. */
  readonly samples: readonly LinkSample[];
  /** In the order in which they lie between the samples. */
  readonly gaps: readonly Gap[];
  readonly cursor: Cursor;
}

export type Step =
  | { readonly type: "sample"; readonly sample: LinkSample; readonly next: Cursor }
  | {
      readonly type: "gap";
      readonly gap: Gap;
      /** What was seen last; undefined where nothing was. */
      readonly from: Cursor | undefined;
      readonly next: Cursor;
    };

/**
 * A relay names gaps beside its samples; each goes where it belongs, so that whoever stops behind any
 * step and comes back with its `next` misses nothing and sees nothing twice.
 */
export function stepsOf(from: Cursor | undefined, { samples, gaps, cursor }: SamplesRead): Step[] {
  const left = [...gaps];
  const steps: Step[] = [];
  let seen = from;
  for (const sample of samples) {
    const place = placeOf(sample);
    const before = gapsBefore(left, seen, place);
    let hole = before.reduce((sum, { missed }) => sum + (missed ?? 0), 0);
    for (const gap of before) {
      hole -= gap.missed ?? 0;
      const next = { epoch: place.epoch, sequence: Math.max(0, place.sequence - 1 - hole) };
      steps.push({ type: "gap", gap, from: seen, next });
      seen = next;
    }
    steps.push({ type: "sample", sample, next: place });
    seen = place;
  }
  for (const gap of left) {
    steps.push({ type: "gap", gap, from: seen, next: cursor });
    seen = cursor;
  }
  return steps;
}

/** Where a reader begins that wants what is there now, and all behind it. */
export function beforeNewest({ epoch, sequence }: Cursor): Cursor {
  return { epoch, sequence: Math.max(0, sequence - 1) };
}

/** Of a reader that has seen nothing: what is missing before its first sample is missing to nobody. */
export function withoutLeadingGaps(steps: readonly Step[]): Step[] {
  const first = steps.findIndex(({ type }) => type === "sample");
  return first === -1 ? [] : steps.slice(first);
}

/** An observed sample always has one. */
function placeOf({ epoch, sequence }: LinkSample): Cursor {
  return { epoch, sequence: sequence ?? 0 };
}

/** Takes from `left` what lies between the two. */
function gapsBefore(left: Gap[], seen: Cursor | undefined, place: Cursor): Gap[] {
  const taken: Gap[] = [];
  let isOtherEpoch = seen?.epoch !== place.epoch;
  let hole = isOtherEpoch ? 0 : place.sequence - 1 - (seen?.sequence ?? 0);
  for (let next = left[0]; next !== undefined; next = left[0]) {
    const fits = next.missed === null ? isOtherEpoch : next.missed <= hole;
    if (!fits) break;
    // Behind a restart a relay counts from 0, and its host may have been away since, too.
    const isRestart = next.reason === "relay_restarted";
    if (next.missed === null) isOtherEpoch = isRestart;
    hole = isRestart ? place.sequence - 1 : hole - (next.missed ?? hole);
    taken.push(next);
    left.shift();
  }
  return taken;
}
