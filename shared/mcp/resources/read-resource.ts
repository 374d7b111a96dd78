/**
 * The contents of one resource: what the corresponding tool answers, in the seed's shape. A resource has no place for
 * an error, so failures are protocol errors.
 */
import {
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
} from "@modelcontextprotocol/server";
import { isJsonObject, jsonValueSchema, type JsonObject } from "../../json/json.ts";
import { MAX_RESULT_BYTES } from "../limits.ts";
import type { Tool, ToolContext } from "../tool.ts";
import { discoverInstances } from "../tools/discover-instances.ts";
import { getDiagnostics } from "../tools/get-diagnostics.ts";
import { getInstanceInfo } from "../tools/get-instance-info.ts";
import { getRecord } from "../tools/get-record.ts";
import { listRecords } from "../tools/list-records.ts";
import { querySchema } from "../tools/query-schema.ts";
import { parseResourceUri, type InstanceRef, type ResourceAddress } from "./resource-uri.ts";

export async function readResource(uri: string, context: ToolContext): Promise<ReadResourceResult> {
  const address = parseResourceUri(uri);
  if (address === undefined) throw missing(uri);
  const contents = await contentsOf(address, uri, context);
  return {
    contents: [{ uri, mimeType: "application/json", text: JSON.stringify(contents) }],
  };
}

async function contentsOf(
  address: ResourceAddress,
  uri: string,
  context: ToolContext,
): Promise<JsonObject> {
  const ask = (tool: Tool, input: JsonObject) => answerOf(tool, input, { uri, context });
  if (address.kind === "instances") {
    const list = await ask(discoverInstances, { max_bytes: MAX_RESULT_BYTES });
    return { ...list, last_scan: new Date(context.fleet.nowMs()).toISOString() };
  }
  const of = inputOf(address.of);
  switch (address.kind) {
    case "records": {
      const info = await ask(getInstanceInfo, of);
      const list = await ask(listRecords, { ...of, max_bytes: LIST_BYTES });
      return { ...list, instance: identityOf(info) };
    }
    case "record":
      return ask(getRecord, { ...of, record_name: address.key, max_bytes: MAX_RESULT_BYTES });
    case "schema":
      return ask(querySchema, { ...of, record_name: address.key });
    case "metrics": {
      const info = await ask(getInstanceInfo, of);
      const diagnostics = await ask(getDiagnostics, { ...of, max_bytes: LIST_BYTES });
      return { ...diagnostics, instance: identityOf(info), connection: info };
    }
  }
}

/** Less than all, since the instance's details are beside it. */
const LIST_BYTES = MAX_RESULT_BYTES - 4_000;

function inputOf(of: InstanceRef): JsonObject {
  return of.by === "instance" ? { instance: of.instance } : { socket: of.socket };
}

function identityOf({ instance, socket_path, server_version }: JsonObject): JsonObject {
  return { id: instance, socket: socket_path, server: server_version };
}

interface Asked {
  readonly uri: string;
  readonly context: ToolContext;
}

async function answerOf(
  tool: Tool,
  input: JsonObject,
  { uri, context }: Asked,
): Promise<JsonObject> {
  const { structuredContent, isError } = await tool.call(input, context);
  const answer = jsonValueSchema.parse(structuredContent);
  if (!isJsonObject(answer)) throw new Error("A tool answered with no object");
  if (isError !== true) return answer;
  throw toProtocolError(answer["error"], uri);
}

/** Codes of what does not exist, whichever part is missing; what fails otherwise may be there again later. */
const MISSING: ReadonlySet<unknown> = new Set([
  "unknown_instance",
  "unknown_record",
  "no_instances",
  "not_found",
]);

function toProtocolError(error: JsonObject[string], uri: string): ProtocolError {
  const { code, message } = isJsonObject(error) ? error : {};
  const text = typeof message === "string" ? message : "It can't be read now.";
  if (!MISSING.has(code)) return new ProtocolError(ProtocolErrorCode.InternalError, text, { code });
  return new ProtocolError(ProtocolErrorCode.InvalidParams, text, { uri, code });
}

function missing(uri: string): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    "There is no such resource. resources/list has those of each instance, and templates for the rest.",
    { uri },
  );
}
