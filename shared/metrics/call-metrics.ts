/** Counted calls as metrics. Pure. */
import type { CallCounts } from "./call-counts.ts";
import type { Labels, Metric } from "./exposition.ts";
import { sourceOf } from "./failure-source.ts";

export interface CountedCalls {
  readonly labels?: Labels;
  readonly calls: CallCounts;
}

export interface CallMetricNames {
  /** Begins the metrics' names. */
  readonly prefix: string;
  /** The label of what was called. */
  readonly label: string;
  /** What such a call is, in a few words. */
  readonly what: string;
}

/** By outcome, failures also by their source; and how long they took. */
export function callMetrics(
  { prefix, label, what }: CallMetricNames,
  counted: readonly CountedCalls[],
): Metric[] {
  const named = counted.flatMap(({ labels = {}, calls }) =>
    calls.map((call) => ({ ...call, labels: { ...labels, [label]: call.name } })),
  );
  return [
    {
      name: `${prefix}s_total`,
      help: `${what}, by outcome; failures also by who can mend them.`,
      type: "counter",
      samples: named.flatMap(({ labels, outcomes }) =>
        outcomes.map(({ outcome, times }) => ({
          labels: { ...labels, outcome, ...sourceLabel(outcome) },
          value: times,
        })),
      ),
    },
    {
      name: `${prefix}_duration_seconds`,
      help: `${what}: from the question to the answer.`,
      type: "histogram",
      samples: named.map(({ labels, durations }) => ({ labels, durations })),
    },
  ];
}

function sourceLabel(outcome: string): Labels {
  const source = sourceOf(outcome);
  return source === undefined ? {} : { source };
}
