/** AimX 1.0, as released hosts 0.1.0 to 1.1.0 speak it: untagged objects, answers in request order. */
import * as z from "zod/mini";
import { isJsonObject, jsonValueSchema, parseJson, type JsonValue } from "../json/json.ts";
import {
  doneSchema,
  drainedSchema,
  queriedValuesSchema,
  queryParams,
  setEchoSchema,
  type Query,
} from "./answers.ts";
import type { Counters, Dialect, HostFrame } from "./dialect.ts";
import { graphEdgesSchema, graphNodesSchema, graphOrderSchema } from "./graph.ts";
import { explainWith, parseWith, type Explanations, type HostRequest } from "./host-request.ts";
import { recordRowsSchema } from "./record-row.ts";
import { isoFromUnixNanos } from "./timestamp.ts";
import { safeParse } from "../parse/safe-parse.ts";

const COMMON: Explanations = {
  invalid_params: ["invalid_request", "The host did not accept the request's parameters."],
  method_not_found: ["unsupported", "This AimDB release does not have the operation."],
  not_found: ["not_found", "The record does not exist, or holds no value yet."],
  permission_denied: ["denied", "The host does not let this record be written."],
  validation_error: ["invalid_value", "The value does not fit the record's type."],
  too_many_subscriptions: [
    "too_many_subscriptions",
    "The host holds no more subscriptions on one connection.",
  ],
  remote_access_not_enabled: [
    "no_remote_access",
    "The record was built without remote access; only the application can read it.",
  ],
  not_configured: ["not_configured", "This host was built without persistence."],
  query_error: ["host_error", "The host's persistence failed."],
};

/** Hosts answer `internal_error` for what each method makes clear. */
const SET: Explanations = {
  ...COMMON,
  internal_error: ["invalid_value", "The value does not fit the record's type."],
};
const SUBSCRIBE: Explanations = {
  ...COMMON,
  internal_error: [
    "no_remote_access",
    "The record was built without remote access; it can't be subscribed.",
  ],
};

const RESETS: Readonly<Record<Counters, { method: string; feature: string }>> = {
  buffer_metrics: { method: "buffer_metrics.reset", feature: "metrics" },
  stage_profiling: { method: "profiling.reset", feature: "profiling" },
};

function reset(what: Counters): HostRequest<null> {
  const { method, feature } = RESETS[what];
  const explanations: Explanations = {
    ...COMMON,
    method_not_found: [
      "unsupported",
      `The AimDB process was built without the feature "${feature}", or with a release before 1.1.0.`,
    ],
    permission_denied: ["denied", "The host's policy is read-only, so it resets nothing."],
  };
  return request({ method, schema: doneSchema, explanations });
}

const subscribedSchema = z.pipe(
  z.object({ subscription_id: z.string() }),
  z.transform(({ subscription_id }) => subscription_id),
);

interface Shape<T> {
  readonly method: string;
  readonly params?: JsonValue;
  readonly schema: Parameters<typeof parseWith<T>>[0];
  readonly explanations?: Explanations;
}

function request<T>({ method, params, schema, explanations }: Shape<T>): HostRequest<T> {
  return {
    answeredByPong: false,
    encode: (id) =>
      `${JSON.stringify(params === undefined ? { id, method } : { id, method, params })}\n`,
    parse: parseWith(schema),
    explain: explainWith(explanations ?? COMMON),
  };
}

export const aimx1: Dialect = {
  loss: "not_visible",
  sendsCurrentValue: false,
  canSubscribe: () => true,
  list: () => request({ method: "record.list", schema: recordRowsSchema }),
  // `record`, not `name`: only this method differs.
  get: (record) => request({ method: "record.get", params: { record }, schema: jsonValueSchema }),
  set: (name, value) =>
    request({
      method: "record.set",
      params: { name, value },
      schema: setEchoSchema,
      explanations: SET,
    }),
  subscribe: (name) =>
    request({
      method: "record.subscribe",
      params: { name },
      schema: subscribedSchema,
      explanations: SUBSCRIBE,
    }),
  unsubscribe: (subscription_id) =>
    request({ method: "record.unsubscribe", params: { subscription_id }, schema: doneSchema }),
  drain: (name, limit) =>
    request({
      method: "record.drain",
      params: limit === undefined ? { name } : { name, limit },
      schema: drainedSchema,
    }),
  query: (query: Query) =>
    request({ method: "record.query", params: queryParams(query), schema: queriedValuesSchema }),
  graphNodes: () => request({ method: "graph.nodes", schema: graphNodesSchema }),
  graphEdges: () => request({ method: "graph.edges", schema: graphEdgesSchema }),
  graphOrder: () => request({ method: "graph.topo_order", schema: graphOrderSchema }),
  reset,
  decode,
};

const eventSchema = z.object({
  subscription_id: z.string(),
  sequence: z.number(),
  timestamp: z.string(),
  data: jsonValueSchema,
});
const failureSchema = z.object({ code: z.string(), message: z.optional(z.string()) });

function decode(line: string): HostFrame {
  let frame: JsonValue;
  try {
    frame = parseJson(line);
  } catch {
    return { type: "garbage" };
  }
  if (!isJsonObject(frame)) return { type: "other" };
  if (frame["event"] !== undefined) return decodeEvent(frame["event"]);
  const { id, error } = frame;
  if (typeof id !== "number") return { type: "other" };
  if (error === undefined) return { type: "answer", id, body: frame["result"] };
  // Id 0 is never ours: the host could not read some line.
  if (id === 0) return { type: "lost_request" };
  const failure = safeParse(failureSchema, error);
  return failure.success
    ? { type: "failure", id, failure: withoutAbsent(failure.data) }
    : { type: "failure", id, failure: { code: "unreadable" } };
}

function withoutAbsent({ code, message }: z.infer<typeof failureSchema>): {
  code: string;
  message?: string;
} {
  return message === undefined ? { code } : { code, message };
}

function decodeEvent(value: JsonValue): HostFrame {
  const event = safeParse(eventSchema, value);
  if (!event.success) return { type: "other" };
  const { subscription_id, sequence, timestamp, data } = event.data;
  return {
    type: "event",
    subscription: subscription_id,
    sequence,
    value: data,
    timestamp: isoFromUnixNanos(timestamp),
  };
}
