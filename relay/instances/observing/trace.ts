/** How one number of a record went lately, thinned to a few points. Pure. */
import { MAX_FIELD_LENGTH } from "#shared/link/methods/record-get.ts";
import { MAX_PLOTTED, numericFields } from "#shared/json/fields.ts";
import type { StoredSample } from "../../store/stored-sample.ts";

/** What a person who looks at a table means by "lately". */
export const TRACE_SPAN_MS = 10 * 60_000;

export interface Trace {
  /** `.` is the value itself. */
  readonly field: string;
  /** Oldest first; the newest sample is always the last. */
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

/** Undefined if the newest sample has no number, or there are not two samples with it. */
export function traceOf(samples: readonly StoredSample[], maxPoints: number): Trace | undefined {
  const newest = samples.at(-1);
  if (newest === undefined) return undefined;
  const field = tracedField(newest);
  if (field === undefined) return undefined;
  const points = thinned(samples, maxPoints).flatMap(({ value, atMs }) => {
    const number = numericFields(value).get(field);
    return number === undefined ? [] : [{ atMs, value: number }];
  });
  return points.length < 2 ? undefined : { field, points };
}

function tracedField({ value }: StoredSample): string | undefined {
  return [...numericFields(value)].find(
    ([field, number]) => field.length <= MAX_FIELD_LENGTH && Math.abs(number) <= MAX_PLOTTED,
  )?.[0];
}

/** Evenly by count, the newest among them: a busy record's last minutes and a slow one's look alike. */
function thinned(samples: readonly StoredSample[], maxPoints: number): readonly StoredSample[] {
  if (samples.length <= maxPoints) return samples;
  const step = (samples.length - 1) / (maxPoints - 1);
  return Array.from({ length: maxPoints }, (_, at) => Math.round(at * step)).flatMap(
    (at) => samples[at] ?? [],
  );
}
