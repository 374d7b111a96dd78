/** The existing names closest to one that does not exist, for "did you mean". */
import { distance } from "fastest-levenshtein";

const MAX_SUGGESTIONS = 5;
/** All together, the closest aside: keys of the greatest length would make a hint longer than most answers. */
const MAX_SUGGESTED_LENGTH = 300;
/** Beyond this a comparison costs more than a suggestion is worth. */
const MAX_COMPARED_LENGTH = 64;

export function nearestNames(wanted: string, names: Iterable<string>): string[] {
  const goal = wanted.toLowerCase();
  return Array.from(names, (name) => ({ name, gap: gapBetween(goal, name.toLowerCase()) }))
    .filter(({ name, gap }) => gap <= Math.max(2, Math.ceil(endOf(name).length / 2)))
    .sort((a, b) => a.gap - b.gap || a.name.localeCompare(b.name))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name)
    .filter(
      (_name, i, names) => i === 0 || names.slice(0, i + 1).join("").length <= MAX_SUGGESTED_LENGTH,
    );
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
