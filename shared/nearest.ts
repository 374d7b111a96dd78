/** The existing names closest to one that does not exist, for "did you mean". */
import { distance } from "fastest-levenshtein";

const MAX_SUGGESTIONS = 5;
/** Beyond this a comparison costs more than a suggestion is worth. */
const MAX_COMPARED_LENGTH = 64;

export function nearestNames(wanted: string, names: Iterable<string>): string[] {
  const goal = fold(wanted);
  return Array.from(names, (name) => ({ name, gap: gapBetween(goal, fold(name)) }))
    .filter(({ name, gap }) => gap <= Math.max(2, Math.ceil(name.length / 2)))
    .sort((a, b) => a.gap - b.gap || a.name.localeCompare(b.name))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

function fold(text: string): string {
  return text.toLowerCase().slice(0, MAX_COMPARED_LENGTH);
}

/** A part of the other name counts as close, since people leave prefixes out. */
function gapBetween(goal: string, name: string): number {
  if (goal === name) return 0;
  return goal.length > 2 && name.includes(goal) ? 1 : distance(goal, name);
}
