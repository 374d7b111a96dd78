/** Calls by what they were and what came of them. Bounded, whatever names are sent. */
import * as z from "zod/mini";
import {
  addDurations,
  copyOf,
  durationCountsSchema,
  noDurations,
  noteDuration,
  type DurationCounts,
} from "./duration-counts.ts";

const count = z.number().check(z.int(), z.minimum(0));

export const callCountsSchema = z.array(
  z.object({
    /** A tool or a method. */
    name: z.string(),
    outcomes: z.array(z.object({ outcome: z.string(), times: count })),
    durations: durationCountsSchema,
  }),
);
export type CallCounts = z.infer<typeof callCountsSchema>;

/** More than there are tools or methods. All other names that are sent share one. */
export const MAX_NAMES = 32;
export const OTHER_NAME = "other";
/** The closed list of failures, and a few that are none. */
const MAX_OUTCOMES = 64;

interface Counted {
  readonly outcomes: Map<string, number>;
  durations: DurationCounts;
}

export class CallTally {
  #byName = new Map<string, Counted>();

  /** `outcome`: `ok`, a failure's code, or a write's status. */
  note(name: string, outcome: string, durationMs: number): void {
    const counted = this.#counted(name);
    addTimes(counted.outcomes, outcome, 1);
    noteDuration(counted.durations, durationMs);
  }

  add(counts: CallCounts): void {
    for (const { name, outcomes, durations } of counts) {
      const counted = this.#counted(name);
      for (const { outcome, times } of outcomes) addTimes(counted.outcomes, outcome, times);
      counted.durations = addDurations(counted.durations, durations);
    }
  }

  read(): CallCounts {
    return [...this.#byName].map(([name, { outcomes, durations }]) => ({
      name,
      outcomes: [...outcomes].map(([outcome, times]) => ({ outcome, times })),
      durations: copyOf(durations),
    }));
  }

  /** What was counted since the last call. */
  take(): CallCounts {
    const taken = this.read();
    this.#byName = new Map();
    return taken;
  }

  #counted(asked: string): Counted {
    const isKnown = this.#byName.has(asked) || this.#byName.size < MAX_NAMES;
    const name = isKnown ? asked : OTHER_NAME;
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const begun = { outcomes: new Map(), durations: noDurations() };
    this.#byName.set(name, begun);
    return begun;
  }
}

function addTimes(outcomes: Map<string, number>, asked: string, times: number): void {
  const isKnown = outcomes.has(asked) || outcomes.size < MAX_OUTCOMES;
  const outcome = isKnown ? asked : OTHER_NAME;
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + times);
}
