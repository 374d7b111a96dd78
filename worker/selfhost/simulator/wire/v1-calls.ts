/** The methods of AimX v1 that answer at once, with the hosts' own error texts. */

import { err, ok } from "#shared/result.ts";
import type { Result } from "#shared/result.ts";
import { objectText } from "../json/text.ts";
import { isObject } from "../json/value.ts";
import type { Value, ValueObject } from "../json/value.ts";
import type { DrainCursors } from "./drain-cursors.ts";
import { drainedText, recordListText, selectHistory, unsigned, valuesText } from "./queries.ts";
import type { Host } from "./session.ts";

export type V1Error = { readonly code: string; readonly message: string };

/** JSON text of the result. */
export type V1Answer = Result<string, V1Error>;

export type V1Call = {
  readonly host: Host;
  readonly cursors: DrainCursors;
  readonly params: Value | undefined;
  readonly nowNs: bigint;
};

/** `undefined` for a method this host does not have. */
export function callV1(method: string, call: V1Call): V1Answer | undefined {
  const { database, config } = call.host;
  switch (method) {
    case "record.list":
      return ok(recordListText(call.host));
    case "record.get":
      return get(call);
    case "record.set":
      return set(call);
    case "record.drain":
      return drain(call);
    case "record.query":
      return query(call);
    case "graph.nodes":
      return ok(database.graph.nodes);
    case "graph.edges":
      return ok(database.graph.edges);
    case "graph.topo_order":
      return ok(database.graph.topoOrder);
    case "profiling.reset":
    case "buffer_metrics.reset":
      return config.hasMetrics ? reset(method, call.host) : undefined;
    default:
      return undefined;
  }
}

export function refuse(code: string, message: string): V1Answer {
  return err({ code, message });
}

/** Any string parameter but `record.get`'s is named in the same words. */
export function nameOf(params: Value | undefined): Result<string, V1Error> {
  if (!isObject(params)) return err({ code: "invalid_params", message: "Missing params object" });
  if (typeof params["name"] === "string") return ok(params["name"]);
  const message = "Missing or invalid 'name' parameter (expected string)";
  return err({ code: "invalid_params", message });
}

export function unknownRecord(key: string): V1Answer {
  return refuse("not_found", `Record '${key}' not found`);
}

export function withoutRemoteAccess(typeName: string, consequence: string): string {
  return `Record '${typeName}' not configured with .with_remote_access(). ${consequence}`;
}

/** Every kind of record answers with what was last written, a consumed message included. */
function get({ host, params }: V1Call): V1Answer {
  if (!isObject(params)) return refuse("invalid_params", "Missing params object");
  const key = params["record"];
  if (typeof key !== "string") {
    return refuse("invalid_params", "Missing or invalid 'record' parameter");
  }
  const record = host.database.find(key);
  const sample = record?.isRemote === true ? record.lastWritten : undefined;
  return sample === undefined
    ? refuse("not_found", `No value available for record: ${key}`)
    : ok(sample.sorted);
}

/** A producer of the record's own does not stand in the way of a write. */
function set({ host, params, nowNs }: V1Call): V1Answer {
  const { config, database } = host;
  if (config.policy === "read_only") {
    const message = "Write operations not allowed (ReadOnly security policy)";
    return refuse("permission_denied", message);
  }
  const name = nameOf(params);
  if (!name.ok) return name;
  const value = isObject(params) ? params["value"] : undefined;
  if (value === undefined) return refuse("invalid_params", "Missing 'value' parameter");
  const key = name.value;
  const record = database.find(key);
  if (record?.definition.writable !== true && !config.phantomWritableKeys.includes(key)) {
    const advice = "Configure with .with_writable_record() to allow writes.";
    return refuse("permission_denied", `Record '${key}' is not writable. ${advice}`);
  }
  if (record === undefined) return unknownRecord(key);
  const { typeName } = record.definition;
  if (!record.isRemote) {
    const message = withoutRemoteAccess(typeName, "Cannot deserialize from JSON.");
    return refuse("internal_error", message);
  }
  const written = record.write(value, nowNs);
  if (!written.ok) {
    const problem = `Failed to deserialize JSON to type '${typeName}'`;
    return refuse(
      "internal_error",
      `${problem}. JSON structure does not match the expected schema.`,
    );
  }
  return ok(`{"status":"success","value":${written.value.sorted}}`);
}

function drain({ host, cursors, params }: V1Call): V1Answer {
  const name = nameOf(params);
  if (!name.ok) return name;
  const key = name.value;
  const record = host.database.find(key);
  if (record === undefined) return unknownRecord(key);
  if (!record.isRemote) {
    const cause = withoutRemoteAccess(
      record.definition.typeName,
      "Cannot subscribe to JSON stream.",
    );
    const message = `Record '${key}' not configured with .with_remote_access()`;
    return refuse("remote_access_not_enabled", `${message}: Runtime error: ${cause}`);
  }
  const limit = isObject(params) ? unsigned(params["limit"]) : undefined;
  return ok(drainedText(key, cursors.drain(record, limit)));
}

const NO_PARAMS: ValueObject = {};

function query({ host, params }: V1Call): V1Answer {
  if (!host.config.hasPersistence) {
    const message = "Persistence not configured. Call .with_persistence() on the builder.";
    return refuse("not_configured", message);
  }
  return ok(valuesText(selectHistory(host, isObject(params) ? params : NO_PARAMS)));
}

function reset(method: "profiling.reset" | "buffer_metrics.reset", host: Host): V1Answer {
  if (host.config.policy === "read_only") {
    const message = `${method} requires write permission (ReadOnly security policy)`;
    return refuse("permission_denied", message);
  }
  if (method === "profiling.reset") host.database.resetStages();
  else host.database.resetCounters();
  return ok(objectText([["reset", "true"]]));
}
