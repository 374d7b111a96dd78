/**
 * AimX 2.0 and 3.0: `t`-tagged frames, four error codes without a message. Hosts decode `t`, `method`,
 * `topic` and `sub` as borrowed text and drop a frame silently if one of them holds a JSON escape.
 */
import * as z from "zod/mini";
import { isJsonObject, jsonValueSchema, parseJson, type JsonValue } from "../json/json.ts";
import { ok } from "../result.ts";
import {
  doneSchema,
  drainedSchema,
  queriedRecordsSchema,
  queriedValuesSchema,
  queryParams,
  setEchoSchema,
} from "./answers.ts";
import type { Counters, Dialect, HostFrame } from "./dialect.ts";
import { graphEdgesSchema, graphNodesSchema, graphOrderSchema } from "./graph.ts";
import { explainWith, parseWith, type Explanations, type HostRequest } from "./host-request.ts";
import { recordRowsSchema } from "./record-row.ts";
import { safeParse } from "../parse/safe-parse.ts";

const COMMON: Explanations = {
  not_found: ["not_found", "The record does not exist, or holds no value yet."],
  internal: ["host_error", "The host failed to answer."],
};
const READ: Explanations = {
  ...COMMON,
  internal: [
    "no_remote_access",
    "The record was built without remote access; only the application can read it.",
  ],
};
const SET: Explanations = {
  denied: ["denied", "The host does not let this record be written."],
  not_found: ["not_found", "The record does not exist."],
  internal: [
    "invalid_value",
    "The value does not fit the record's type, or the record was built without remote access.",
  ],
};
const SUBSCRIBE: Explanations = {
  ...READ,
  denied: ["too_many_subscriptions", "The host holds no more subscriptions on one connection."],
};
const QUERY: Explanations = {
  ...COMMON,
  internal: ["not_configured", "This host was built without persistence, or its store failed."],
};
/** An unknown method is `not_found` too. */
const GRAPH: Explanations = {
  ...COMMON,
  not_found: ["unsupported", "This AimDB release does not have the operation."],
};

const RESET: Explanations = {
  ...COMMON,
  denied: ["denied", "The host's policy is read-only, so it resets nothing."],
  not_found: ["unsupported", 'The AimDB process was built without the feature "observability".'],
};
const RESETS: Readonly<Record<Counters, string>> = {
  buffer_metrics: "buffer_metrics.reset",
  stage_profiling: "profiling.reset",
};

interface Shape<T> {
  readonly method: string;
  readonly params?: JsonValue;
  readonly schema: Parameters<typeof parseWith<T>>[0];
  readonly explanations: Explanations;
}

function request<T>({ method, params, schema, explanations }: Shape<T>): HostRequest<T> {
  return {
    answeredByPong: false,
    encode: (id) =>
      line(params === undefined ? { t: "req", id, method } : { t: "req", id, method, params }),
    parse: parseWith(schema),
    explain: explainWith(explanations),
  };
}

function line(frame: JsonValue): string {
  return `${JSON.stringify(frame)}\n`;
}

/** Frames are processed in order, so a pong after an unanswered frame proves that it was taken. */
const PING = line({ t: "ping" });

function subscribe(topic: string): HostRequest<string> {
  return {
    answeredByPong: true,
    encode: (id) => line({ t: "sub", id, topic }) + PING,
    parse: (id) => ok(String(id)),
    explain: explainWith(SUBSCRIBE),
  };
}

/**
 * A key with `*` or `#` would be a wildcard, which takes the messages of the mailboxes it matches;
 * one that JSON has to escape would be dropped without an answer.
 */
function canSubscribe(key: string): boolean {
  return !/[*#]/.test(key) && JSON.stringify(key).length === key.length + 2;
}

function unsubscribe(sub: string): HostRequest<null> {
  return {
    answeredByPong: true,
    ends: sub,
    encode: () => line({ t: "unsub", sub }) + PING,
    parse: () => ok(null),
    explain: explainWith(COMMON),
  };
}

const shared = {
  sendsCurrentValue: true,
  canSubscribe,
  list: () => request({ method: "record.list", schema: recordRowsSchema, explanations: COMMON }),
  get: (name: string) =>
    request({
      method: "record.get",
      params: { name },
      schema: jsonValueSchema,
      explanations: READ,
    }),
  set: (name: string, value: JsonValue) =>
    request({
      method: "record.set",
      params: { name, value },
      schema: setEchoSchema,
      explanations: SET,
    }),
  subscribe,
  unsubscribe,
  drain: (name: string, limit?: number) =>
    request({
      method: "record.drain",
      params: limit === undefined ? { name } : { name, limit },
      schema: drainedSchema,
      explanations: READ,
    }),
  graphNodes: () =>
    request({ method: "graph.nodes", schema: graphNodesSchema, explanations: GRAPH }),
  graphEdges: () =>
    request({ method: "graph.edges", schema: graphEdgesSchema, explanations: GRAPH }),
  graphOrder: () =>
    request({ method: "graph.topo_order", schema: graphOrderSchema, explanations: GRAPH }),
  reset: (what: Counters) =>
    request({ method: RESETS[what], schema: doneSchema, explanations: RESET }),
  decode,
} satisfies Omit<Dialect, "loss" | "query">;

/** Development hosts between June and August 2026; never released. */
export const aimx2: Dialect = {
  ...shared,
  loss: "lower_bound",
  query: (query) =>
    request({
      method: "record.query",
      params: queryParams(query),
      schema: queriedValuesSchema,
      explanations: QUERY,
    }),
};

/** Released with AimDB 2.0.0. */
export const aimx3: Dialect = {
  ...shared,
  loss: "counted",
  query: (query) =>
    request({
      method: "record.query",
      params: queryParams(query),
      schema: queriedRecordsSchema,
      explanations: QUERY,
    }),
};

const eventSchema = z.object({ sub: z.string(), seq: z.number(), data: jsonValueSchema });

function decode(text: string): HostFrame {
  let frame: JsonValue;
  try {
    frame = parseJson(text);
  } catch {
    return { type: "garbage" };
  }
  if (!isJsonObject(frame)) return { type: "other" };
  switch (frame["t"]) {
    case "reply":
      return decodeReply(frame["id"], frame["ok"], frame["err"]);
    case "event":
      return decodeEvent(frame);
    case "pong":
      return { type: "pong" };
    default:
      return { type: "other" };
  }
}

function decodeReply(
  id: JsonValue | undefined,
  body: JsonValue | undefined,
  code: JsonValue | undefined,
): HostFrame {
  if (typeof id !== "number") return { type: "other" };
  if (typeof code === "string") return { type: "failure", id, failure: { code } };
  return { type: "answer", id, body };
}

function decodeEvent(value: JsonValue): HostFrame {
  const event = safeParse(eventSchema, value);
  if (!event.success) return { type: "other" };
  const { sub, seq, data } = event.data;
  return { type: "event", subscription: sub, sequence: seq, value: data, timestamp: null };
}
