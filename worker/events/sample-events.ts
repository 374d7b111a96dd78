/** From a relay's answer to the events of one record, each with the cursor after it. Pure. */
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
      /** The last sample seen; undefined if none was. */
      readonly from: Cursor | undefined;
      readonly next: Cursor;
    };

/**
 * A relay lists gaps beside its samples. Each is put where it belongs, so that a reader that stops after any step
 * and returns with its `next` misses nothing and sees nothing twice.
 */
export function stepsOf(from: Cursor | undefined, { samples, gaps, cursor }: SamplesRead): Step[] {
  const left = [...gaps];
  const steps: Step[] = [];
  let seen = from;
  for (const [i, sample] of samples.entries()) {
    const place = placeOf(sample);
    const before = gapsBefore(left, { seen, place, breaksBehind: breaksIn(samples.slice(i)) });
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

/** Where a reader starts that wants the current value and everything after it. */
export function beforeNewest({ epoch, sequence }: Cursor): Cursor {
  return { epoch, sequence: Math.max(0, sequence - 1) };
}

/** For a reader that has seen nothing: a gap before its first sample means nothing to it. */
export function withoutLeadingGaps(steps: readonly Step[]): Step[] {
  const first = steps.findIndex(({ type }) => type === "sample");
  return first === -1 ? [] : steps.slice(first);
}

/** An observed sample always has a sequence number. */
function placeOf({ epoch, sequence }: LinkSample): Cursor {
  return { epoch, sequence: sequence ?? 0 };
}

/** Each has an uncountable gap. */
function breaksIn(samples: readonly LinkSample[]): number {
  return samples.filter(({ epoch }, i) => i > 0 && epoch !== samples[i - 1]?.epoch).length;
}

interface Between {
  readonly seen: Cursor | undefined;
  readonly place: Cursor;
  /** How many breaks follow. */
  readonly breaksBehind: number;
}

/** Removes from `left` the gaps that lie between the two. */
function gapsBefore(left: Gap[], { seen, place, breaksBehind }: Between): Gap[] {
  const taken: Gap[] = [];
  const isOtherEpoch = seen?.epoch !== place.epoch;
  let breaks = isOtherEpoch
    ? left.filter(({ missed }) => missed === null).length - breaksBehind
    : 0;
  let hole = isOtherEpoch ? 0 : place.sequence - 1 - (seen?.sequence ?? 0);
  for (let next = left[0]; next !== undefined; next = left[0]) {
    const fits = next.missed === null ? breaks > 0 : next.missed <= hole;
    if (!fits) break;
    if (next.missed === null) breaks -= 1;
    // After a restart a relay counts from 0.
    hole = next.reason === "relay_restarted" ? place.sequence - 1 : hole - (next.missed ?? hole);
    taken.push(next);
    left.shift();
  }
  return taken;
}
