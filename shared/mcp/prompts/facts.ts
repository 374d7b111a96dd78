/** What tools report of a record or an instance, as facts of a prompt. */
import { isJsonObject, jsonValueSchema, type JsonObject } from "../../json/json.ts";
import {
  formatResourceUri,
  INSTANCES_URI,
  type ResourceAddress,
} from "../resources/resource-uri.ts";
import type { Tool, ToolContext } from "../tool.ts";
import type { Facts, PromptArguments } from "./prompt.ts";

/** `kind` is what the answer is about; its address is made of the instance that answered. */
export async function factsOf(
  tool: Tool,
  input: JsonObject,
  { kind, context }: { readonly kind: ResourceAddress["kind"]; readonly context: ToolContext },
): Promise<Facts> {
  const { structuredContent } = await tool.call(input, context);
  const answer = jsonValueSchema.parse(structuredContent);
  const content = isJsonObject(answer) ? answer : {};
  return { uri: uriOf(kind, content), content };
}

function uriOf(kind: ResourceAddress["kind"], { instance, record_name }: JsonObject): string {
  if (typeof instance !== "string" || kind === "instances") return INSTANCES_URI;
  const of = { by: "instance", instance } as const;
  if (kind === "records" || kind === "metrics") return formatResourceUri({ kind, of });
  const key = typeof record_name === "string" ? record_name : undefined;
  return formatResourceUri(key === undefined ? { kind: "records", of } : { kind, of, key });
}

/** `instance` and `record_name` as tools take them: absent where not given. */
export function selectorOf({ instance, record_name }: PromptArguments): JsonObject {
  return {
    ...(isGiven(instance) ? { instance } : {}),
    ...(isGiven(record_name) ? { record_name } : {}),
  };
}

export function isGiven(argument: string | undefined): argument is string {
  return argument !== undefined && argument.trim() !== "";
}
