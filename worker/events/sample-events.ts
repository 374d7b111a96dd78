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
  if (samples.length === 0) return gapSteps(gaps, from, cursor);
  const before = gapsBeforeEach(samples.map(placeOf), gaps);
  let seen = from;
  return samples.flatMap((sample, i): Step[] => {
    const next = placeOf(sample);
    const behind = { epoch: next.epoch, sequence: Math.max(0, next.sequence - 1) };
    const steps = gapSteps(before[i] ?? [], seen, behind);
    seen = next;
    return [...steps, { type: "sample", sample, next }];
  });
}

/** Two samples tell which gaps lie between them; the others lie before the first. */
function gapsBeforeEach(places: readonly Cursor[], gaps: readonly Gap[]): Gap[][] {
  const left = [...gaps];
  const behind = places.map((place, i) => [places[i - 1], place] as const).slice(1);
  const between = behind.toReversed().map(([one, next]) => takeBetween(left, one, next));
  return [left, ...between.toReversed()];
}

/** From the end of `left`: one that nobody can count between two epochs, within one as many as are missing. */
function takeBetween(left: Gap[], one: Cursor | undefined, next: Cursor): Gap[] {
  if (one?.epoch !== next.epoch) return left.at(-1)?.missed === null ? left.splice(-1) : [];
  let missing = next.sequence - one.sequence - 1;
  let count = 0;
  for (const { missed } of left.toReversed()) {
    if (missed === null || missed > missing) break;
    missing -= missed;
    count += 1;
  }
  return left.splice(left.length - count);
}

/** Who stops before the first that nobody can count is told it on return, since it is still in its epoch. */
function gapSteps(gaps: readonly Gap[], from: Cursor | undefined, end: Cursor): Step[] {
  let hole = gaps.reduce((sum, { missed }) => sum + (missed ?? 0), 0);
  let seen = from;
  let isBroken = from === undefined || !gaps.some(({ missed }) => missed === null);
  return gaps.map((gap): Step => {
    hole -= gap.missed ?? 0;
    isBroken ||= gap.missed === null;
    const epoch = isBroken ? end.epoch : (seen ?? end).epoch;
    const next = { epoch, sequence: Math.max(0, end.sequence - hole) };
    const step = { type: "gap" as const, gap, from: seen, next };
    seen = next;
    return step;
  });
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
