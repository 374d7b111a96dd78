/**
 * Everything a tool may ask of instances. The worker answers through Durable Objects and links, a
 * relay straight from its sockets; the MCP server is written once, against this.
 */
import type { Failure } from "./failure.ts";
import type { JsonValue } from "./json.ts";
import type { AnnouncedInstance } from "./link/inventory.ts";
import type { Gap, LinkRecordRow, WriteOutcome } from "./link/method.ts";
import type { Loss, TimeSource } from "./link/sample.ts";
import type { Result } from "./result.ts";
import type { Scope } from "./scope.ts";

export interface Fleet {
  readonly scopes: readonly Scope[];
  /** Every instance the principal may see; `record` asks which of them have it. */
  instances(query: { readonly record?: string | undefined }): Promise<InstanceOverview>;
  listRecords(instance: string, page: RecordPageQuery): Promise<Result<RecordPage, Failure>>;
  getRecord(instance: string, record: string): Promise<Result<RecordReading, Failure>>;
  setRecord(instance: string, record: string, value: JsonValue): Promise<WriteResult>;
  subscribe(request: SubscribeRequest): Promise<Result<SubscriptionHandle, Failure>>;
  /** Waits up to `waitMs` for samples and moves the subscription behind what it gives. */
  readSubscription(
    id: string,
    read: { readonly waitMs: number; readonly maxBytes: number },
  ): Promise<Result<SubscriptionBatch, Failure>>;
  unsubscribe(id: string): Promise<Result<UnsubscribeStatus, Failure>>;
}

export interface InstanceOverview {
  readonly instances: readonly InstanceRow[];
  /** Sockets that a relay looked at and did not take, with the reason. */
  readonly skipped: readonly { readonly relay: string; readonly reason: string }[];
  /** Relays that did not answer in time; their instances are missing here. */
  readonly failed: readonly { readonly relay: string; readonly failure: Failure }[];
  readonly relayCount: number;
}

export interface InstanceRow extends Omit<AnnouncedInstance, "records" | "state"> {
  /** `<relay>/<name>`. */
  readonly instance: string;
  readonly relay: string;
  /** `down`: the relay is there and can't reach the process. `offline`: the relay has no link. */
  readonly status: "up" | "down" | "offline";
  /** ISO-8601, with `offline`. */
  readonly offlineSince?: string | undefined;
  /** Null where the relay's record list did not fit into its inventory. Only with a record query. */
  readonly hasRecord?: boolean | null | undefined;
}

export interface RecordPageQuery {
  readonly offset: number;
  readonly limit: number;
  readonly writableOnly: boolean;
}

export interface RecordPage {
  readonly records: readonly LinkRecordRow[];
  readonly total: number;
  readonly nextOffset: number | null;
}

/** A sample with its time as the caller's side knows it. */
export interface TimedSample {
  readonly value: JsonValue;
  /** ISO-8601. The host's own digits where `timeSource` is `host`. */
  readonly timestamp: string;
  readonly timeSource: TimeSource;
  /** When the answer was made; a lower bound where `timeSource` is `first_seen`. */
  readonly ageMs: number;
  readonly sequence: number | null;
  readonly epoch: string;
}

export interface RecordReading {
  readonly recordKey: string;
  readonly loss: Loss;
  readonly sample: TimedSample;
}

export interface WriteResult {
  /** The same id as in the device's log and the team's. */
  readonly callId: string;
  /** ISO-8601: when the outcome was known. */
  readonly timestamp: string;
  readonly outcome: WriteOutcome;
}

export interface SubscribeRequest {
  readonly instance: string;
  readonly record: string;
  readonly durationMs: number;
  readonly maxEvents: number | undefined;
}

export interface SubscriptionHandle {
  readonly id: string;
  readonly recordKey: string;
}

export interface SubscriptionBatch {
  readonly instance: string;
  readonly recordKey: string;
  readonly loss: Loss;
  /** Oldest first. */
  readonly samples: readonly TimedSample[];
  readonly gaps: readonly Gap[];
  /** Nothing more will come under this id. */
  readonly complete: boolean;
}

export type UnsubscribeStatus = "cancelled" | "already_ended";
