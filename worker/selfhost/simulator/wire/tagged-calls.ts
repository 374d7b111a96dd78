/** The methods of AimX v2 and v3. Errors are codes without a text. */

import { err, ok } from "#shared/result.ts";
import type { Result } from "#shared/result.ts";
import type { HostRecord } from "../database/record.ts";
import { permissionsOf } from "../host-config.ts";
import { readValue } from "../json/struct-reader.ts";
import { listText, objectText } from "../json/text.ts";
import { isObject } from "../json/value.ts";
import type { Value, ValueObject } from "../json/value.ts";
import type { DrainCursors } from "./drain-cursors.ts";
import { drainedText, recordListText, selectHistory, unsigned, valuesText } from "./queries.ts";
import type { Host } from "./session.ts";
import { isSameMajor } from "./tagged-dialect.ts";
import type { TaggedDialect } from "./tagged-dialect.ts";
import type { ErrorCode } from "./tagged-frame.ts";

/** JSON text of the result. */
export type TaggedAnswer = Result<string, ErrorCode>;

export type TaggedCall = {
  readonly host: Host;
  readonly dialect: TaggedDialect;
  readonly cursors: DrainCursors;
  readonly params: ValueObject;
  readonly nowNs: bigint;
};

/** What is not an object, or nested too deep, has no parameters in it. */
export function readParams(text: string): ValueObject {
  const params = readValue(text);
  return params.ok && isObject(params.value) ? params.value : {};
}

export function callTagged(method: string, call: TaggedCall): TaggedAnswer {
  const { graph } = call.host.database;
  switch (method) {
    case "hello":
      return hello(call);
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
      return ok(graph.nodes);
    case "graph.edges":
      return ok(graph.edges);
    case "graph.topo_order":
      return ok(graph.topoOrder);
    case "profiling.reset":
    case "buffer_metrics.reset":
      return reset(method, call.host);
    default:
      return err("not_found");
  }
}

/** Writes if the policy and the record's type allow it. */
export function writeRecord(
  host: Host,
  key: string,
  value: Value,
  nowNs: bigint,
): Result<HostRecord, ErrorCode> {
  const { config, database } = host;
  const record = database.find(key);
  const isInSet = record?.definition.writable === true || config.phantomWritableKeys.includes(key);
  if (config.policy === "read_only" || !isInSet) return err("denied");
  if (record === undefined) return err("not_found");
  return record.isRemote && record.write(value, nowNs).ok ? ok(record) : err("internal");
}

/** Nothing is gated on it. A configured token is not looked at. */
function hello({ host, dialect, params }: TaggedCall): TaggedAnswer {
  const version = typeof params["version"] === "string" ? params["version"] : "";
  if (dialect.checksVersion && !isSameMajor(version, dialect.version)) {
    return err("version_mismatch");
  }
  const { config, database } = host;
  const writable = database.records.filter(({ definition }) => definition.writable === true);
  return ok(
    JSON.stringify({
      authenticated: false,
      max_subscriptions: config.maxSubscriptions,
      permissions: permissionsOf(config),
      server: "aimdb",
      version: dialect.version,
      writable_records: config.policy === "read_write" ? writable.map(({ key }) => key) : [],
    }),
  );
}

/**
 * State and a waiting message are only looked at. A ring has no value of its own: the newest since
 * this connection's cursor is taken, so a get uses up what a later drain would have answered.
 */
function get({ host, cursors, params }: TaggedCall): TaggedAnswer {
  const record =
    typeof params["name"] === "string" ? host.database.find(params["name"]) : undefined;
  if (record === undefined) return err("not_found");
  if (!record.isRemote) return err("internal");
  const present = record.buffer.peek();
  if (present !== undefined) return ok(present.declared);
  const newest = cursors.drain(record).at(-1);
  return newest === undefined ? err("not_found") : ok(newest.sorted);
}

/** A producer of the record's own does not stand in the way of a write. */
function set({ host, params, nowNs }: TaggedCall): TaggedAnswer {
  const { name, value } = params;
  if (typeof name !== "string" || value === undefined) return err("internal");
  const written = writeRecord(host, name, value, nowNs);
  if (!written.ok) return written;
  const present = written.value.buffer.peek();
  return ok(
    objectText([
      ["status", '"success"'],
      ...(present === undefined ? [] : [["value", present.sorted] as const]),
    ]),
  );
}

function drain({ host, cursors, params }: TaggedCall): TaggedAnswer {
  const { name } = params;
  if (typeof name !== "string") return err("internal");
  const record = host.database.find(name);
  if (record === undefined) return err("not_found");
  if (!record.isRemote) return err("internal");
  return ok(drainedText(name, cursors.drain(record, unsigned(params["limit"]))));
}

function query({ host, dialect, params }: TaggedCall): TaggedAnswer {
  if (!host.config.hasPersistence) return err("internal");
  const rows = selectHistory(host, params);
  if (!dialect.queriesRecords) return ok(valuesText(rows));
  const oldestFirst = rows.toSorted((a, b) => Number(a.storedAtMs - b.storedAtMs));
  const records = oldestFirst.map(({ record, storedAtMs, text }) =>
    objectText([
      ["payload", text],
      ["topic", JSON.stringify(record)],
      ["ts", String(storedAtMs)],
    ]),
  );
  return ok(
    objectText([
      ["records", listText(records)],
      ["total", String(records.length)],
    ]),
  );
}

function reset(method: "profiling.reset" | "buffer_metrics.reset", host: Host): TaggedAnswer {
  const { config, database } = host;
  if (!config.hasMetrics) return err("not_found");
  if (config.policy === "read_only") return err("denied");
  if (method === "profiling.reset") database.resetStages();
  else database.resetCounters();
  return ok('{"reset":true}');
}
