/** The existing names closest to one that does not exist, for "did you mean". */
import { distance } from "fastest-levenshtein";

const MAX_SUGGESTIONS = 5;
/** All together, the closest aside: keys of the greatest length would make a hint longer than most answers. */
const MAX_SUGGESTED_LENGTH = 300;
/** Beyond this a comparison costs more than a suggestion is worth. */
const MAX_COMPARED_LENGTH = 64;

export function nearestNames(wanted: string, names: Iterable<string>): string[] {
  const goal = wanted.toLowerCase();
  return closest(Array.from(names, (name) => ({ name, gap: keyGap(goal, name) })));
}

export interface NamedRecord {
  readonly key: string;
  readonly type_name: string;
}

/** People also ask for what a record holds ("Temperature"), by another path, or misspelt; keys come first. */
export function nearestRecords(wanted: string, records: Iterable<NamedRecord>): string[] {
  const goal = wanted.toLowerCase();
  const goalType = ownName(goal);
  return closest(
    Array.from(records, ({ key, type_name }) => ({
      name: key,
      gap: Math.min(keyGap(goal, key), typeGap(goalType, ownName(type_name.toLowerCase()))),
    })),
  );
}

interface Candidate {
  readonly name: string;
  /** Infinite if it is unlike. */
  readonly gap: number;
}

function closest(candidates: readonly Candidate[]): string[] {
  return candidates
    .filter(({ gap }) => Number.isFinite(gap))
    .sort((a, b) => a.gap - b.gap || a.name.localeCompare(b.name))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name)
    .filter(
      (_name, i, names) => i === 0 || names.slice(0, i + 1).join("").length <= MAX_SUGGESTED_LENGTH,
    );
}

function keyGap(goal: string, name: string): number {
  const gap = gapBetween(goal, name.toLowerCase());
  return gap <= Math.max(2, Math.ceil(endOf(name).length / 2)) ? gap : Number.POSITIVE_INFINITY;
}

/** Behind what a key of the same gap would be. */
function typeGap(goal: string, type: string): number {
  const gap = goal.length > 2 ? gapBetween(goal, type) : Number.POSITIVE_INFINITY;
  return gap <= 2 ? gap + 1.5 : Number.POSITIVE_INFINITY;
}

/** `Temperature` of `server::Temperature`. */
function ownName(type: string): string {
  return type.split("::").at(-1) ?? type;
}

/** Where long names differ. */
function endOf(name: string): string {
  return name.slice(-MAX_COMPARED_LENGTH);
}

/** A part of the other name counts as close, since people leave prefixes out. */
function gapBetween(goal: string, name: string): number {
  if (goal === name) return 0;
  return goal.length > 2 && name.includes(goal) ? 1 : distance(endOf(goal), endOf(name));
}
