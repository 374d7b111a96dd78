import { snapshot } from "../tools/snapshot.ts";
import { INSTANCE_ARGUMENT, RECORD_ARGUMENT } from "./arguments.ts";
import { factsOf, selectorOf } from "./facts.ts";
import { ABOUT_FACTS, quoted, type Prompt } from "./prompt.ts";

export const debugRecord: Prompt = {
  description: {
    name: "debug_record",
    title: "Debug a record",
    description:
      "Finds out why a record does not do what it should: value, age, producers, consumers, losses and recent samples, with what looks wrong.",
    arguments: [RECORD_ARGUMENT, INSTANCE_ARGUMENT],
  },
  instruct: ({
    record_name = "",
  }) => `Find out what is wrong with the AimDB record ${quoted(record_name)}.

1. Look at its state below: value, age, buffer, producers and consumers, losses, and "attention", which lists what looks wrong with the evidence for it.
2. Is it alive? Compare its age with the mean interval of its samples. If it should move, watch it with subscribe_record for some seconds.
3. Follow the data: a record that is derived depends on its inputs, so look at them too (producers name them; get_graph has the whole).
4. Tell causes from effects, and what was seen from what is assumed. A producer that the application holds itself is invisible: producers_visible says so.
5. Say the most likely cause, what would prove it, and the next step. Write nothing unless you are asked to.

${ABOUT_FACTS}`,
  gather: async (given, context) => [
    await factsOf(snapshot, selectorOf(given), { kind: "record", context }),
  ],
};
