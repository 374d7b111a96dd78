import { snapshot } from "../tools/snapshot.ts";
import { INSTANCE_ARGUMENT, OPTIONAL_RECORD_ARGUMENT } from "./arguments.ts";
import { factsOf, isGiven, selectorOf } from "./facts.ts";
import { ABOUT_FACTS, quoted, type Prompt } from "./prompt.ts";

export const monitoringSetup: Prompt = {
  description: {
    name: "monitoring_setup",
    title: "Set up monitoring",
    description:
      "Works out what in an instance or a record is worth watching, with thresholds taken from what it does now.",
    arguments: [
      OPTIONAL_RECORD_ARGUMENT,
      INSTANCE_ARGUMENT,
      {
        name: "goal",
        description: 'In your own words, such as "warn above 30 degrees".',
        required: false,
      },
    ],
  },
  instruct: ({ record_name, goal }) => `Help to set up monitoring of ${
    isGiven(record_name) ? `the AimDB record ${quoted(record_name)}` : "these AimDB records"
  }.${isGiven(goal) ? ` What to notice, in the user's own words: ${quoted(goal)}.` : ""}

1. From the state below, name the records worth watching and why, and those that need no watching.
2. For each, propose what to notice: a range, a rate of change, and silence (several times its mean interval without a sample). Take the numbers from what is seen; say how many samples they rest on.
3. Watch one with subscribe_record now, with "until" for the condition (such as celsius > 30), to show that it works. One call returns within 25 s; the same subscription_id continues without a gap.
4. Say what this cannot do: nothing watches between two calls. For a standing alarm name the event stream of the management API.

${ABOUT_FACTS}`,
  gather: async (given, context) => {
    const kind = isGiven(given["record_name"]) ? "record" : "records";
    return [await factsOf(snapshot, selectorOf(given), { kind, context })];
  },
};
