/** Where the readers of one selection of records stand, and what of an answer to one lies behind the place of another. Pure. */
import * as z from "zod/mini";
import { METHODS, type Method, type MethodResult } from "#shared/link/method.ts";
import { cursorSchema, type Cursor, type Gap } from "#shared/link/methods/samples-read.ts";
import { safeParse } from "#shared/safe-parse.ts";
import { stepsOf, type Step } from "../../events/sample-events.ts";

const METHOD = "samples.watch" satisfies Method;

type Watched = MethodResult<typeof METHOD>;
type Read = MethodResult<"samples.read">;

/** By record, as it was asked for. */
export type Places = ReadonlyMap<string, Cursor>;

export interface Selection {
  /** The same for questions that differ in their places alone. */
  readonly key: string;
  readonly places: Places;
}

/** Undefined for a question that does not wait behind a place in each record. */
export function selectionOf(method: Method, params: unknown): Selection | undefined {
  if (method !== METHOD) return undefined;
  const { records = [], wait_ms: waitMs = 0, ...bounds } = parseParams(params) ?? {};
  const places = new Map<string, Cursor>();
  for (const { record, after } of records) {
    if (after !== undefined) places.set(record, after);
  }
  if (waitMs === 0 || places.size !== records.length) return undefined;
  return { key: JSON.stringify([bounds, [...places.keys()].toSorted()]), places };
}

function parseParams(params: unknown) {
  return safeParse(METHODS[METHOD].params, params).data;
}

/** True where each of `one` is at its place of `other` or past it. Places of two epochs can't be compared. */
export function areAtOrPast(one: Places, other: Places): boolean {
  return [...other].every(([record, { epoch, sequence }]) => {
    const place = one.get(record);
    return place !== undefined && place.epoch === epoch && place.sequence >= sequence;
  });
}

/** Of many samples none is looked at. */
const endsSchema = z.object({
  entries: z.array(z.object({ record: z.string(), ok: z.object({ cursor: cursorSchema }) })),
});

/** Where an answer leads who stood at `places`; undefined where it has a failure, or is none. */
export function endsOf(answer: unknown, places: Places): Places | undefined {
  const read = safeParse(endsSchema, answer).data;
  if (read === undefined) return undefined;
  return new Map([
    ...places,
    ...read.entries.map(({ record, ok }) => [record, ok.cursor] as const),
  ]);
}

/**
 * What of an answer to a question behind `from` lies past `places`, which are at those or past them. Undefined where that
 * is nothing, and where it can't be told from the answer: who stands there asks for itself.
 */
export function restOf(answer: unknown, from: Places, places: Places): Watched | undefined {
  const watched = safeParse(METHODS[METHOD].result, answer).data;
  const entries: Watched["entries"] = [];
  for (const entry of watched?.entries ?? []) {
    const [begin, place] = [from.get(entry.record), places.get(entry.record)];
    if (entry.ok === undefined || begin === undefined || place === undefined) return undefined;
    const rest = restOfRecord(entry.ok, begin, place);
    if (rest === undefined) return undefined;
    if (rest.samples.length + rest.gaps.length > 0) entries.push({ ...entry, ok: rest });
  }
  return watched === undefined || entries.length === 0 ? undefined : { ...watched, entries };
}

function restOfRecord(read: Read, from: Cursor, place: Cursor): Read | undefined {
  const steps = stepsBehind(stepsOf(from, read), { read, from, place });
  if (steps === undefined) return undefined;
  return {
    ...read,
    samples: steps.flatMap((step) => (step.type === "sample" ? [step.sample] : [])),
    gaps: steps.flatMap((step) => (step.type === "gap" ? [step.gap] : [])),
  };
}

function stepsBehind(
  steps: readonly Step[],
  { read, from, place }: { readonly read: Read; readonly from: Cursor; readonly place: Cursor },
): readonly Step[] | undefined {
  if (isSame(place, from)) return steps;
  if (isSame(place, read.cursor) || isPast(place, read.cursor)) return [];
  // Between two gaps nobody stands but who comes back to there.
  const at = steps.findIndex(({ type, next }) => type === "sample" && isSame(next, place));
  if (at !== -1) return steps.slice(at + 1);
  return steps.flatMap((step, i) => {
    const part = partOfGap(step, place);
    return part === undefined ? [] : [[part, ...steps.slice(i + 1)]];
  })[0];
}

/** What there was no room for on the line, or in its budget. */
const PASSED_OVER: ReadonlySet<Gap["reason"]> = new Set(["link_slow", "budget"]);

/** What was passed over for one was for the other, and each lost one has its number. */
function partOfGap(step: Step, place: Cursor): Step | undefined {
  if (step.type !== "gap" || !PASSED_OVER.has(step.gap.reason)) return undefined;
  const { gap, from, next } = step;
  if (from === undefined || gap.missed !== next.sequence - from.sequence) return undefined;
  if (!isPast(place, from) || !isPast(next, place)) return undefined;
  return { ...step, gap: { ...gap, missed: next.sequence - place.sequence }, from: place };
}

export function areSame(one: Places, other: Places): boolean {
  return areAtOrPast(one, other) && areAtOrPast(other, one);
}

function isSame(one: Cursor, other: Cursor): boolean {
  return one.epoch === other.epoch && one.sequence === other.sequence;
}

/** Later in the same epoch. */
function isPast(one: Cursor, other: Cursor): boolean {
  return one.epoch === other.epoch && one.sequence > other.sequence;
}
