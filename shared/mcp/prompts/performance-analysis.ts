import { getDiagnostics } from "../tools/get-diagnostics.ts";
import { getGraph } from "../tools/get-graph.ts";
import { INSTANCE_ARGUMENT, OPTIONAL_RECORD_ARGUMENT } from "./arguments.ts";
import { factsOf, selectorOf } from "./facts.ts";
import { ABOUT_FACTS, type Prompt } from "./prompt.ts";

export const performanceAnalysis: Prompt = {
  description: {
    name: "performance_analysis",
    title: "Analyse performance",
    description:
      "Looks for the bottleneck of an instance: buffer counters, queue sizes, drops and the times of each stage.",
    arguments: [INSTANCE_ARGUMENT, OPTIONAL_RECORD_ARGUMENT],
  },
  instruct: () => `Find the bottleneck of this AimDB instance.

1. From the counters below: which buffers drop, which are nearly full, which are produced faster than they are consumed?
2. From the stage times: which stage takes longest in all (mean time times calls), and is it the one before the buffer that drops?
3. Counters are sums since the start or the last reset. For a rate, read get_diagnostics twice some seconds apart and take the difference.
4. If the host was built without metrics or profiling, the answer says so and names the feature that adds them: do not guess numbers.
5. Say what to change (capacity, a slow tap, splitting a transform), what it would gain, and how to check it afterwards.

${ABOUT_FACTS}`,
  gather: async (given, context) => {
    const { instance } = selectorOf(given);
    const of = instance === undefined ? {} : { instance };
    return Promise.all([
      factsOf(getDiagnostics, selectorOf(given), { kind: "metrics", context }),
      factsOf(getGraph, of, { kind: "records", context }),
    ]);
  },
};
