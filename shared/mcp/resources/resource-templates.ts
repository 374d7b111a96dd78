/** The addresses that a client fills in itself, with completion (`../completion.ts`). */
import type { ResourceTemplateType } from "@modelcontextprotocol/server";

const JSON_TYPE = "application/json";

export const RESOURCE_TEMPLATES: readonly ResourceTemplateType[] = [
  {
    uriTemplate: "aimdb://{relay}/{name}/records",
    name: "records",
    title: "Records of an instance",
    description: "Every record of one instance, as list_records gives them.",
    mimeType: JSON_TYPE,
  },
  {
    uriTemplate: "aimdb://{relay}/{name}/record/{key}",
    name: "record",
    title: "Current value of a record",
    description: "One record's value with its time, age and sequence. Can be subscribed to.",
    mimeType: JSON_TYPE,
  },
  {
    uriTemplate: "aimdb://{relay}/{name}/schema/{key}",
    name: "schema",
    title: "Schema of a record",
    description: "The record's schema as inferred from its samples, and which parts are guesses.",
    mimeType: JSON_TYPE,
  },
  {
    uriTemplate: "aimdb://{relay}/{name}/metrics",
    name: "metrics",
    title: "Metrics of an instance",
    description: "State, connection, buffer counters and queue sizes of one instance.",
    mimeType: JSON_TYPE,
  },
];
