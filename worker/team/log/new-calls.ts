/**
 * Recognizes calls that are noted again because the answer to the first time was lost. They come again as the same
 * whole list, so if one of them is known, so are its refusals that got no line of their own.
 */
import type { ToolEntry } from "../../access/audit-entry.ts";
import { isRefusal } from "./refusal-fold.ts";

export interface NewCalls {
  readonly fresh: readonly ToolEntry[];
  readonly isAgain: boolean;
}

export function newCalls(
  calls: readonly ToolEntry[],
  isKnown: (entry: ToolEntry) => boolean,
): NewCalls {
  const unknown = calls.filter((entry) => !isKnown(entry));
  const isAgain = unknown.length < calls.length;
  const fresh = isAgain ? unknown.filter(({ outcome }) => !isRefusal(outcome)) : unknown;
  return { fresh, isAgain };
}
