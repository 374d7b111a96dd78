/** What a low link budget holds back, in words for the operator. */
import type { Spending } from "../traffic/budget.ts";

export const HELD_BACK: Readonly<Record<Spending, string>> = {
  all: "nothing is held back",
  fewer_samples: "fewer samples go",
  no_samples: "no samples go",
  no_lists: "neither samples nor lists go",
  writes_only: "nothing but writes goes",
};
