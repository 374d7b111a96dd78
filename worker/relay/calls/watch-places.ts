/**
 * The positions of readers of one selection of records, and which part of one reader's answer lies after another's
 * position. Pure.
 */
import * as z from "zod/mini";
import { METHODS, type Method, type MethodResult } from "#shared/link/method.ts";
import { cursorSchema, type Cursor, type Gap } from "#shared/link/methods/samples-read.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { stepsOf, type Step } from "../../events/sample-events.ts";

const METHOD = "samples.watch" satisfies Method;

type Watched = MethodResult<typeof METHOD>;
type Read = MethodResult<"samples.read">;

/** By record, as the caller named it. */
export type Places = ReadonlyMap<string, Cursor>;

export interface Selection {
  /** Equal for questions that differ only in their positions. */
  readonly key: string;
  readonly places: Places;
}

/** Undefined for a question that does not wait behind a cursor in each record. */
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

/**
 * True if every position in `one` equals or is past that in `other`. Positions of two epochs can't be compared.
 */
export function areAtOrPast(one: Places, other: Places): boolean {
  return [...other].every(([record, { epoch, sequence }]) => {
    const place = one.get(record);
    return place !== undefined && place.epoch === epoch && place.sequence >= sequence;
  });
}

/** The samples themselves don't matter here. */
const endsSchema = z.object({
  entries: z.array(z.object({ record: z.string(), ok: z.object({ cursor: cursorSchema }) })),
});

/**
 * The positions after an answer to a reader at `places`; undefined if it has a failure, or is not such an answer.
 */
export function endsOf(answer: unknown, places: Places): Places | undefined {
  const read = safeParse(endsSchema, answer).data;
  if (read === undefined) return undefined;
  return new Map([
    ...places,
    ...read.entries.map(({ record, ok }) => [record, ok.cursor] as const),
  ]);
}

/**
 * The part of an answer to a question from `from` that lies after `places`, which equal or are past `from`.
 * Undefined if it is empty or can't be derived from the answer: that reader asks by itself.
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
  // A position between two gaps is only held by a reader that stopped right there and returned.
  const at = steps.findIndex(({ type, next }) => type === "sample" && isSame(next, place));
  if (at !== -1) return steps.slice(at + 1);
  return steps.flatMap((step, i) => {
    const part = partOfGap(step, place);
    return part === undefined ? [] : [[part, ...steps.slice(i + 1)]];
  })[0];
}

/** Samples that the line had no room for, or that the question's budget excluded. */
const PASSED_OVER: ReadonlySet<Gap["reason"]> = new Set(["link_slow", "budget"]);

/** Samples passed over for one reader were meant for the other, too, and each lost one has its number. */
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
