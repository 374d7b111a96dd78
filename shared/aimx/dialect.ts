/** What can be asked of a host, in one form for every AimX version, and what a host may send. */
import type { JsonValue } from "../json/json.ts";
import type { Query, SetEcho, StoredValue } from "./answers.ts";
import type { GraphEdge, GraphNode } from "./graph.ts";
import type { HostFailure, HostRequest } from "./host-request.ts";
import type { RecordRow } from "./record-row.ts";

/** What a host counts, if it was built to. */
export type Counters = "buffer_metrics" | "stage_profiling";

export interface Dialect {
  /**
   * How far the host shows what a subscriber missed: every loss, a part of it (AimX 2 leaves ring
   * lag out of its sequence), or nothing (AimX 1).
   */
  readonly loss: "counted" | "lower_bound" | "not_visible";
  /** True if a subscription to a single-latest record begins with its current value. */
  readonly sendsCurrentValue: boolean;
  /** False for keys that this version's subscription frame can't name without harm. */
  canSubscribe(key: string): boolean;

  list(): HostRequest<readonly RecordRow[]>;
  /** On AimX 2 and 3 a ring answers with what came since this connection's last `get` or `drain` of it. */
  get(key: string): HostRequest<JsonValue>;
  set(key: string, value: JsonValue): HostRequest<SetEcho>;
  /** Answers with the id under which the subscription's events arrive. */
  subscribe(key: string): HostRequest<string>;
  unsubscribe(subscription: string): HostRequest<null>;
  /** Oldest first. The cursor belongs to the connection. */
  drain(key: string, limit?: number): HostRequest<readonly JsonValue[]>;
  query(query: Query): HostRequest<readonly StoredValue[]>;
  graphNodes(): HostRequest<readonly GraphNode[]>;
  graphEdges(): HostRequest<readonly GraphEdge[]>;
  graphOrder(): HostRequest<readonly string[]>;
  /** Counters of every record at once. */
  reset(what: Counters): HostRequest<null>;

  decode(line: string): HostFrame;
}

export type HostFrame =
  | { readonly type: "answer"; readonly id: number; readonly body: JsonValue | undefined }
  | { readonly type: "failure"; readonly id: number; readonly failure: HostFailure }
  | { readonly type: "pong" }
  | {
      readonly type: "event";
      readonly subscription: string;
      /** Counts from 1 per subscription; what it counts is the dialect's `loss`. */
      readonly sequence: number;
      readonly value: JsonValue;
      /** ISO-8601 by the host's clock; null if events carry no time. */
      readonly timestamp: string | null;
    }
  /** A request was lost on its way; the host can't say which. */
  | { readonly type: "lost_request" }
  /** A frame we don't know. Peers may know more than we do. */
  | { readonly type: "other" }
  /** Not JSON: the stream is out of step. */
  | { readonly type: "garbage" };
