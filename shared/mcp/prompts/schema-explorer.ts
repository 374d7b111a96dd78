import { listRecords } from "../tools/list-records.ts";
import { querySchema } from "../tools/query-schema.ts";
import { INSTANCE_ARGUMENT, OPTIONAL_RECORD_ARGUMENT } from "./arguments.ts";
import { factsOf, isGiven, selectorOf } from "./facts.ts";
import { ABOUT_FACTS, quoted, type Prompt } from "./prompt.ts";

export const schemaExplorer: Prompt = {
  description: {
    name: "schema_explorer",
    title: "Explore schemas",
    description:
      "Documents what records hold: fields, types, units and meaning, and what is only guessed.",
    arguments: [OPTIONAL_RECORD_ARGUMENT, INSTANCE_ARGUMENT],
  },
  instruct: ({ record_name }) => `Document ${
    isGiven(record_name)
      ? `what the AimDB record ${quoted(record_name)} holds`
      : "what the records of this AimDB instance hold"
  }.

1. AimDB hosts provide no schemas: they are inferred from samples. "guessed" lists what may be wrong; keep that apart from what is certain.
2. For each record: a sentence on what it is, its fields with type, unit and an example, how often it changes, who produces it and who reads it.
3. Call query_schema for a record that is not described yet, and get_record if an example is missing.
4. Give the result as a table that a person can keep, with what is unknown marked as such.

${ABOUT_FACTS}`,
  gather: async (given, context) => {
    const selector = selectorOf(given);
    if (!isGiven(given["record_name"])) {
      return [await factsOf(listRecords, selector, { kind: "records", context })];
    }
    const input = { ...selector, include_example: true };
    return [await factsOf(querySchema, input, { kind: "schema", context })];
  },
};
